"""The application of MONAI Deploy: the studies of a folder in, DICOM objects, reports and results out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from monai.deploy.conditions import CountCondition
from monai.deploy.core import Application

from .operators import ScoreStudiesOperator
from .settings import SETTINGS


class AsymmetryApplication(Application):
    """Measure the asymmetry of the newborn brain in DICOM studies. Research use only, not for clinical use.

    Args:
        settings: keys of ``configs/inference.json`` with other values.
        args: as of ``Application``.
        kwargs: as of ``Application``.

    Attributes:
        score: the operator.
    """

    name = "neonatal_brain_symmetry"
    description = "Measures the left-right asymmetry of newborn brains. Research use only, not for clinical use."

    def __init__(self, settings: dict[str, Any] | None = None, *args: Any, **kwargs: Any) -> None:
        self.settings = settings or {}
        super().__init__(*args, **kwargs)

    def compose(self) -> None:
        """Put the operator between the input folder and the output folder."""
        context = Application.init_app_context(self.argv)
        folders = {"input_folder": Path(context.input_path), "output_folder": Path(context.output_path)}
        once = CountCondition(self, 1)
        self.score = ScoreStudiesOperator(self, once, **folders, settings=self.settings, name="score")
        self.add_operator(self.score)


def main() -> int:
    """Run the application with the arguments of the command line; return the exit code of ``run.run_studies``."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for name, meaning in SETTINGS.items():
        parser.add_argument(f"--{name}", help=meaning)
    chosen, rest = parser.parse_known_args()
    if {"-h", "--help"} & set(rest):
        print(parser.format_help())
    sys.argv = [sys.argv[0], *rest]
    application = AsymmetryApplication({name: value for name, value in vars(chosen).items() if value is not None})
    application.run()
    return application.score.exit_code
