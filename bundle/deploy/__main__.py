"""``python -m bundle.deploy -i STUDY -o OUT``, and the verbs ``listen`` and ``pull``; see ``docs/deploy.md``."""

import sys

from .pacs.commands import VERBS

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in VERBS:  # these need no SDK
        from .pacs.commands import run

        sys.exit(run(sys.argv[1:]))
    from .cuda_runtime import load_cuda_runtime

    load_cuda_runtime()
    from .app import main  # imports the SDK, which needs the runtime

    sys.exit(main())
