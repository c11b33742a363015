"""The application: MONAI Deploy loads the study and selects series, the bundle scores and writes."""

from __future__ import annotations

import json
from pathlib import Path

from monai.deploy.conditions import CountCondition
from monai.deploy.core import Application
from monai.deploy.operators.dicom_data_loader_operator import DICOMDataLoaderOperator
from monai.deploy.operators.dicom_series_selector_operator import DICOMSeriesSelectorOperator

from .operators import ScoreOperator, WriteOperator

RULES = {"selections": [{"name": "MR", "conditions": {"Modality": "(?i)^MR$"}}]}
"""All MR series are passed on. The bundle chooses the one to score, as in ``bundle predict``."""


class AsymmetryApplication(Application):
    """Measure the asymmetry of the newborn brain in a DICOM study. Research use only, not for clinical use."""

    name = "neonatal_brain_symmetry"
    description = "Measures the left-right asymmetry of newborn brains. Research use only, not for clinical use."

    def compose(self) -> None:
        """Chain the operators: input folder → series → result → files in the output folder."""
        context = Application.init_app_context(self.argv)
        source, target = Path(context.input_path), Path(context.output_path)
        load = DICOMDataLoaderOperator(self, CountCondition(self, 1), input_folder=source, name="load")
        select = DICOMSeriesSelectorOperator(self, rules=json.dumps(RULES), all_matched=True, name="select")
        score = ScoreOperator(self, name="score")
        write = WriteOperator(self, output_folder=target, name="write")
        self.add_flow(load, select, {("dicom_study_list", "dicom_study_list")})
        self.add_flow(select, score, {("study_selected_series_list", "study_selected_series_list")})
        self.add_flow(score, write, {("scored", "scored")})


def main() -> None:
    """Run the application with the arguments of the command line."""
    AsymmetryApplication().run()
