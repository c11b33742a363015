"""The bundle's two operators: one scores the selected series, the other writes the results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monai.deploy.core import Fragment, Operator, OperatorSpec

from .score import score_files
from .write import write_all


class ScoreOperator(Operator):
    """Score the best of the selected series of the first study.

    Args:
        fragment: the application.
        args: as of ``Operator``.
        settings: keys of ``configs/inference.json`` with other values.
        kwargs: as of ``Operator``.
    """

    def __init__(self, fragment: Fragment, *args: Any, settings: dict[str, Any] | None = None, **kwargs: Any) -> None:
        self.settings = settings or {}
        super().__init__(fragment, *args, **kwargs)

    def setup(self, spec: OperatorSpec) -> None:
        """Name the ports."""
        spec.input("study_selected_series_list")
        spec.output("scored")

    def compute(self, op_input: Any, op_output: Any, context: Any) -> None:
        """Pass the files of the series to the bundle.

        Raises:
            ValueError: if no series was selected.
        """
        studies = op_input.receive("study_selected_series_list")
        series = [selected.series for study in studies or [] for selected in study.selected_series]
        if not series:
            raise ValueError("No MR series in the study, expected one or more. Give the folder of an MR study.")
        files = [Path(i.get_native_sop_instance().filename) for each in series for i in each.get_sop_instances()]
        op_output.emit(score_files(files, self.settings), "scored")


class WriteOperator(Operator):
    """Write the DICOM objects, the report and the JSON of a scored study.

    Args:
        fragment: the application.
        args: as of ``Operator``.
        output_folder: created if it is missing.
        kwargs: as of ``Operator``.
    """

    def __init__(self, fragment: Fragment, *args: Any, output_folder: Path, **kwargs: Any) -> None:
        self.output_folder = Path(output_folder)
        super().__init__(fragment, *args, **kwargs)

    def setup(self, spec: OperatorSpec) -> None:
        """Name the port."""
        spec.input("scored")

    def compute(self, op_input: Any, op_output: Any, context: Any) -> None:
        """Write all."""
        write_all(op_input.receive("scored"), self.output_folder)
