"""``python -m bundle <verb>``: the product round the bundle."""

from __future__ import annotations

import fire

from .benchmark import BENCHMARKS
from .cohort import cohort
from .compare import compare
from .metadata import metadata
from .normative import normative
from .predict import predict
from .publish import publish
from .study import study

VERBS = {
    "benchmark": BENCHMARKS,
    "cohort": cohort,
    "compare": compare,
    "metadata": metadata,
    "normative": normative,
    "predict": predict,
    "publish": publish,
    "study": study,
}


def main() -> None:
    """Run the verb of the command line."""
    fire.Fire(VERBS, name="bundle")


if __name__ == "__main__":
    main()
