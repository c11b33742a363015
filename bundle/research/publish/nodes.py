"""The graph of the published results: what each is made from, what it writes, and how long it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

RESULTS = "docs/results"
FIGURES = "docs/figures"
MAKERS = "bundle/research/publish/make"

HEADS = ("scripts/phantom",)
PREPROCESSING = ("scripts/blur.py", "scripts/io", "scripts/skull_strip", "scripts/midline", "scripts/preprocessing")
SCORES = (*PREPROCESSING, "scripts/data", "scripts/simulation", "scripts/network", "scripts/evaluation")
PREDICTION = (
    *PREPROCESSING,
    *("scripts/data", "scripts/network", "scripts/quality", "scripts/results", "bundle/predict", "bundle/reports"),
)
EVALUATING = ("configs/train.json", "configs/cached_pairs.json", "configs/evaluate.json")
TRAINING = ("scripts/training", "scripts/simulation/pathology")
"""What a training has beside what an evaluation has."""
SYNTHETIC = ("models/synthetic/skull_strip.pt", "models/synthetic/model.pt")
CROSSVALIDATION = (
    *(*SYNTHETIC, *EVALUATING, "configs/finetune.json", "configs/skull_strip_train.json"),
    *(*HEADS, *SCORES, *TRAINING, "scripts/skull_strip/training", "bundle/research/crossvalidate"),
)
"""What the networks of a cross-validation are made from, and by."""
COMPACT = ("bundle/research/publish/compact.py", "bundle/research/publish/shipped_weights.py")
MEASURED_IN_FOLDS = (
    *(*CROSSVALIDATION, *PREDICTION[-4:], "bundle/research/benchmark/newborns", "bundle/research/common_threshold.py"),
    *(*COMPACT[:1], "bundle/research/publish/newborn_networks.py"),
)
"""What newborns are measured by, with the networks of a cross-validation."""
DRAWN = (
    *("bundle/research/benchmark/pathology", "bundle/research/benchmark/newborns"),
    "bundle/research/publish/drawn.py",
)
"""What is drawn and scored by, beside the library of pathologies and the prediction."""
REAL_HEADS = ("itk_dir", "mricron_dir", "spm_dir")
"""Options of the command: folders of heads that do not come with an installed package."""

NEWBORNS = ("newborns_dir",)
"""Option of the command: folder of real newborns, whose scans may not be passed on."""

IN_FOLDS = (*NEWBORNS, "crossvalidation_dir")
"""Options of the command: the newborns, and networks of a cross-validation on them."""

STRIP, SCORER = "models/skull_strip.pt", "models/model.pt"


@dataclass(frozen=True)
class Node:
    """A published result.

    Attributes:
        name: of the result, and of the module in ``publish/make`` whose ``make(work, options)`` returns it.
        minutes: about how long it takes on two idle cores.
        files: what it is made from: weights and configs, relative to the bundle's folder.
        code: rooms and modules that it is made by, likewise. The module in ``make`` is added.
        needs: results that it is made from.
        figures: pictures that it writes to ``docs/figures``.
        options: options of the command that it takes.
        required: those of them without which it is left as it is.
    """

    name: str
    minutes: float
    files: tuple[str, ...]
    code: tuple[str, ...]
    needs: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    @property
    def result(self) -> str:
        """Path of the JSON."""
        return f"{RESULTS}/{self.name}.json"

    @property
    def outputs(self) -> tuple[str, ...]:
        """Paths of all that it writes."""
        return (self.result, *(f"{FIGURES}/{figure}.png" for figure in self.figures))

    @property
    def dependencies(self) -> tuple[str, ...]:
        """Paths of all that it is made from."""
        maker = f"{MAKERS}/{self.name}.py"
        return (*self.files, *self.code, maker, *(f"{RESULTS}/{name}.json" for name in self.needs))

    def maker(self) -> Callable[..., dict[str, Any]]:
        """Return the function that makes it; torch and MONAI load only now."""
        return import_module(f"{MAKERS.replace('/', '.')}.{self.name}").make


NODES: dict[str, Node] = {
    node.name: node
    for node in (
        Node(
            "default",
            10,
            (STRIP, *EVALUATING),
            (*HEADS, *SCORES, *TRAINING, *COMPACT[:1]),
        ),
        Node(
            "shipped",
            10,
            (SCORER, STRIP, *EVALUATING),
            (*HEADS, *SCORES, "scripts/evaluation/figures", *COMPACT),
            figures=("shipped_psychometric", "shipped_reliability", "shipped_gallery"),
        ),
        Node("shipped_area", 2, (SCORER, STRIP, *EVALUATING), (*HEADS, *SCORES, *COMPACT)),
        Node("natural_asymmetry", 6, (SCORER, STRIP, *EVALUATING), (*HEADS, *SCORES, *COMPACT), ("shipped",)),
        Node(
            "perturbed",
            6,
            (SCORER, STRIP, *EVALUATING, "configs/perturbed.json"),
            (*HEADS, *SCORES, *COMPACT),
            ("shipped",),
        ),
        Node(
            "study",
            22,
            (STRIP, *EVALUATING, "bundle/research/study/runs.json"),
            (*HEADS, *SCORES, *TRAINING, "bundle/research/study", *COMPACT[:1]),
            figures=("comparisons", "backbones"),
        ),
        Node(
            "newborn_study",
            135,
            (*EVALUATING, "bundle/research/study/runs.json"),
            (
                *(*HEADS, *SCORES, *TRAINING, "bundle/research/study", f"{MAKERS}/study.py"),
                *("bundle/research/crossvalidate/folds.py", "bundle/research/common_threshold.py"),
                *COMPACT[:1],
            ),
            figures=("newborn_backbones", "newborn_training_sizes"),
            options=NEWBORNS,
            required=NEWBORNS,
        ),
        Node(
            "heads",
            6,
            (),
            (
                *HEADS,
                "scripts/blur.py",
                "scripts/midline",
                *PREPROCESSING[1:3],
                "bundle/research/benchmark/head_statistics",
            ),
            options=NEWBORNS,
        ),
        Node(
            "skull_strip",
            4,
            (STRIP,),
            (*HEADS, *PREPROCESSING[:3], "scripts/skull_strip/training", "bundle/research/benchmark/skull_strip"),
            figures=("skull_strip",),
            options=REAL_HEADS,
        ),
        Node(
            "midline",
            4,
            (STRIP,),
            (*HEADS, *PREPROCESSING, "bundle/research/benchmark/midline"),
            figures=("midline", "pair"),
            options=REAL_HEADS,
        ),
        Node(
            "false_alarms",
            4,
            (SCORER, STRIP, "configs/inference.json"),
            (*HEADS, *PREPROCESSING, "scripts/network", "bundle/research/benchmark/false_alarms.py"),
        ),
        Node(
            "predict",
            2,
            (SCORER, STRIP, "configs/inference.json"),
            (*HEADS, *PREDICTION, "bundle/research/benchmark/predict.py", "bundle/research/benchmark/predict_cost.py"),
        ),
        Node(
            "report",
            1,
            (SCORER, STRIP, "models/normative.json", "configs/inference.json"),
            (*HEADS, *PREDICTION),
            figures=("report",),
        ),
        Node(
            "pathologies",
            5,
            (),
            (
                *(*HEADS, *PREPROCESSING[:4], "scripts/simulation/pathology"),
                *("bundle/research/publish/pathology_figure.py", "bundle/research/publish/picture.py"),
            ),
            figures=("pathologies",),
        ),
        Node("newborns", 150, (), MEASURED_IN_FOLDS, options=IN_FOLDS, required=NEWBORNS),
        Node("newborn_materials", 60, (), MEASURED_IN_FOLDS, ("newborns",), options=IN_FOLDS, required=NEWBORNS),
        Node(
            "newborn_pathologies", 60, (), (*MEASURED_IN_FOLDS, DRAWN[0], DRAWN[2]), options=IN_FOLDS, required=NEWBORNS
        ),
        Node("synthetic_pathologies", 75, (SCORER, STRIP), (*HEADS, *PREDICTION, *TRAINING[1:], *DRAWN)),
        Node("newborn_robustness", 75, (), MEASURED_IN_FOLDS, options=IN_FOLDS, required=NEWBORNS),
    )
}
"""All results by name; each stands after those that it needs."""
