"""``python -m bundle <verb>``: the product round the bundle."""

from __future__ import annotations

import fire

from .benchmark import BENCHMARKS
from .cohort import cohort
from .compare import compare
from .export import export
from .federate import federate
from .metadata import metadata
from .normative import normative
from .package import package
from .predict import predict
from .publish import publish
from .push import push
from .study import study

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
