"""The tables of the pages: a name for each, the result it is made from, and the function that lays it out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from . import tables_heads as heads
from . import tables_newborn_scans as newborn_scans
from . import tables_newborn_study as newborn_study
from . import tables_pathologies as drawn
from . import tables_preprocessing as preparing
from . import tables_scores as scores
from .tables_study import study_table

Table = Callable[[dict[str, Any]], str]

BLOCKS: dict[str, tuple[str, Table]] = {
    "shipped_physical": ("shipped", partial(scores.by_size, lesion_type="physical")),
    "shipped_painted": ("shipped", partial(scores.by_size, lesion_type="painted")),
    "shipped_zero": ("shipped", partial(scores.by_size, lesion_type="zero")),
    "shipped_subgroups": ("shipped", scores.subgroups),
    "shipped_area": ("shipped_area", partial(scores.by_size, lesion_type="physical", unit="area (mm²)")),
    "default_physical": ("default", partial(scores.by_size, lesion_type="physical")),
    "natural_asymmetry": ("natural_asymmetry", partial(scores.side_by_side, rows=scores.LEVELS)),
    "perturbed": ("perturbed", partial(scores.side_by_side, rows=scores.ERRORS)),
    "comparisons": ("study", partial(study_table, name="comparisons")),
    "backbones": ("study", partial(study_table, name="backbones")),
    "curricula": ("study", partial(study_table, name="curricula")),
    "training_sizes": ("study", partial(study_table, name="training_sizes")),
    "lesion_types": ("study", partial(study_table, name="lesion_types")),
    "newborn_backbones": ("newborn_study", partial(newborn_study.by_size, name="newborn_backbones")),
    "newborn_paper": ("newborn_study", newborn_study.beside_paper),
    "newborn_training_sizes": ("newborn_study", partial(newborn_study.matrix, name="newborn_training_sizes")),
    "newborn_curricula": ("newborn_study", partial(newborn_study.by_size, name="newborn_curricula")),
    "heads_shape": ("heads", partial(heads.side_by_side, rows=heads.SHAPE)),
    "heads_contrast": ("heads", partial(heads.side_by_side, rows=heads.CONTRAST)),
    "heads_symmetry": ("heads", partial(heads.side_by_side, rows=heads.SYMMETRY)),
    "skull_strip": ("skull_strip", preparing.skull_strip),
    "skull_strip_cost": ("skull_strip", preparing.skull_strip_cost),
    "skull_strip_against": ("skull_strip", preparing.skull_strip_against),
    "midline": ("midline", preparing.midline),
    "midline_real": ("midline", preparing.midline_real),
    "false_alarms": ("false_alarms", preparing.false_alarms),
    "intensities": ("false_alarms", preparing.intensities),
    "predict": ("predict", preparing.predict),
    "newborns_physical": ("newborns", lambda result: scores.by_size(result["all"], "physical")),
    "newborns_painted": ("newborns", lambda result: scores.by_size(result["all"], "painted")),
    "newborns_contrasts": ("newborns", newborn_scans.contrasts),
    "newborn_materials": ("newborn_materials", newborn_scans.materials),
    "newborns_alarms": ("newborns", newborn_scans.alarms),
    "newborn_same_lesion": ("newborn_robustness", newborn_scans.same_lesion),
    "newborn_repeatability": ("newborn_robustness", newborn_scans.repeatability),
    "newborns_strip": ("newborns", newborn_scans.strip),
    "newborn_thick": ("newborn_robustness", partial(newborn_scans.versions, part="thick")),
    "newborn_bias_field": ("newborn_robustness", partial(newborn_scans.versions, part="bias_field")),
    "pathologies": ("pathologies", drawn.pathologies),
    "newborn_pathologies": ("newborn_pathologies", drawn.seen),
    "synthetic_pathologies": ("synthetic_pathologies", drawn.seen),
    "newborn_p_values": ("newborn_pathologies", drawn.p_values),
    "synthetic_p_values": ("synthetic_pathologies", drawn.p_values),
}
"""Name of a table → name of its result, and the function that writes the table as Markdown."""
