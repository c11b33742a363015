"""The bundle's operator: it scores every study of a folder and writes the results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monai.deploy.core import Fragment, Operator, OperatorSpec

from .run import run_studies


class ScoreStudiesOperator(Operator):
    """Score the studies of a folder, and write DICOM objects, report and JSON of each.

    It reads the folder itself. The operators of the SDK would stop at a study without MR series, take the series of two
    patients for one study, and read neither enhanced multi-frame images nor every transfer syntax.

    Args:
        fragment: the application.
        args: as of ``Operator``.
        input_folder: with DICOM files at any depth.
        output_folder: created if it is missing.
        settings: keys of ``configs/inference.json`` with other values.
        kwargs: as of ``Operator``.

    Attributes:
        exit_code: see :func:`.run.run_studies`.
    """

    def __init__(
        self,
        fragment: Fragment,
        *args: Any,
        input_folder: Path,
        output_folder: Path,
        settings: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.input_folder, self.output_folder = Path(input_folder), Path(output_folder)
        self.settings, self.exit_code = settings or {}, 0
        super().__init__(fragment, *args, **kwargs)

    def setup(self, spec: OperatorSpec) -> None:
        """It has no ports."""

    def compute(self, op_input: Any, op_output: Any, context: Any) -> None:
        """Score all."""
        self.exit_code = run_studies(self.input_folder, self.output_folder, self.settings)
