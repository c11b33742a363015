"""``python -m bundle <verb>``: the product round the bundle."""

from __future__ import annotations

import fire

from .cohort import cohort
from .export import export
from .federate import federate
from .normative import normative
from .predict import predict
from .release.metadata import metadata
from .release.package import package
from .release.push import push
from .research.benchmark import BENCHMARKS
from .research.compare import compare
from .research.publish import publish
from .research.study import study

VERBS = {
    "benchmark": BENCHMARKS,
    "cohort": cohort,
    "compare": compare,
    "export": export,
    "federate": federate,
    "metadata": metadata,
    "normative": normative,
    "package": package,
    "predict": predict,
    "publish": publish,
    "push": push,
    "study": study,
}


def main() -> None:
    """Run the verb of the command line."""
    fire.Fire(VERBS, name="bundle")


if __name__ == "__main__":
    main()
