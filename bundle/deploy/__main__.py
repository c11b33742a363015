"""``python -m bundle.deploy -i STUDY -o OUT``; run it outside the bundle's folder, see ``docs/deploy.md``."""

import sys

from .cuda_runtime import load_cuda_runtime

if __name__ == "__main__":
    load_cuda_runtime()
    from .app import main  # imports the SDK, which needs the runtime

    sys.exit(main())
