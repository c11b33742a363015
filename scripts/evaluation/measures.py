"""The measures of an evaluation: what each is called in tables and figures, and what it means."""

from __future__ import annotations

from typing import NamedTuple

STATED_FPR = 0.05
"""The false-positive rate at which sensitivity is stated: the share of normal slices with a score above the cut-off."""


class Measure(NamedTuple):
    """How a measure is shown.

    Attributes:
        label: its name in a page, a table or at an axis.
        head: a short name for the head of a column on the console.
        explanation: one sentence.
        form: format of its values.
        console_interval: show its 95 % confidence interval on the console; files always hold it.
        by_size: it has a value for each lesion type and size; else one for each lesion type.
    """

    label: str
    head: str
    explanation: str
    form: str = ".2f"
    console_interval: bool = False
    by_size: bool = True


MEASURES: dict[str, Measure] = {
    "auc": Measure(
        "area under the ROC curve",
        "AUC",
        "The chance that a slice with a lesion scores higher than a normal slice: 0.5 is chance level, 1 is perfect.",
        console_interval=True,
    ),
    "balanced_accuracy": Measure(
        "balanced accuracy at the network's own threshold",
        "balanced accuracy",
        "The mean of sensitivity and specificity at the threshold that is saved with the weights.",
        console_interval=True,
    ),
    "sensitivity": Measure(
        f"sensitivity at {STATED_FPR:.0%} false-positive rate".replace("%", " %"),
        f"sensitivity at {STATED_FPR:.0%} FPR".replace("%", " %"),
        "The share of slices with a lesion that score above all but 5 % of the same subjects' normal slices.",
        console_interval=True,
    ),
    "laterality_accuracy": Measure(
        "laterality accuracy",
        "side correct",
        "The share of all lesions that lie in the hemisphere with more evidence.",
    ),
    "laterality_accuracy_of_detected": Measure(
        "laterality accuracy of detected lesions",
        "side correct if detected",
        "The share of the lesions above the threshold that lie in the hemisphere with more evidence.",
    ),
    "localisation_accuracy": Measure(
        "localisation accuracy of detected lesions",
        "peak in lesion if detected",
        "The share of the lesions above the threshold that hold the peak of the evidence map.",
    ),
    "known_location_accuracy": Measure(
        "balanced accuracy at a known location",
        "known location",
        "The balanced accuracy of an observer who knows where the lesion would be, at the best threshold of each size.",
    ),
    "baseline_auc": Measure(
        "area under the ROC curve of the baseline without learning",
        "baseline AUC",
        "The area under the ROC curve of the largest smoothed difference between the hemispheres, without learning.",
    ),
    "false_positive_rate": Measure(
        "false-positive rate at the network's own threshold",
        "false-positive rate",
        "The share of slices without an asymmetric lesion that score above the threshold saved with the weights.",
        console_interval=True,
        by_size=False,
    ),
    "ece": Measure(
        "expected calibration error",
        "calibration error",
        "The mean distance between the predicted probability of a lesion and its frequency: 0 is perfect.",
        form=".3f",
        by_size=False,
    ),
    "brier": Measure(
        "Brier score",
        "Brier score",
        "The mean squared error of the predicted probability of a lesion: 0 is perfect, 0.25 is no information.",
        form=".3f",
        by_size=False,
    ),
}
"""The measures by their key in ``by_size.json``, in the order of the tables."""


def title(key: str) -> str:
    """Return the label of a measure with a capital letter, for a heading or a figure."""
    label = MEASURES[key].label
    return label[:1].upper() + label[1:]
