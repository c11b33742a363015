"""The verbs of ``python -m bundle``: where each is written, and what it does in a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .. import ROOT
from ..research.benchmark import PREPROCESSING


@dataclass(frozen=True)
class Verb:
    """One verb.

    Attributes:
        group: heading that it stands below.
        name: one word, or two.
        summary: what it does, for the list of all.
        place: ``module:function`` that does it.
        config: file in ``configs`` whose keys are options, too.
        parts: functions whose options are options, too, each as ``module:function``; what they need is given to them.
        needs_input: without any it shows its help.
    """

    group: str
    name: str
    summary: str
    place: str
    config: str = ""
    parts: tuple[str, ...] = ()
    needs_input: bool = False

    @cached_property
    def keys(self) -> dict[str, Any]:
        """Content of its config; empty if it has none."""
        return json.loads((ROOT / "configs" / self.config).read_text(encoding="utf-8")) if self.config else {}


BENCHMARK = "bundle.research.benchmark"

ROWS = (
    Verb(
        *("Use", "predict", "score scans: maps, reports and a table", "bundle.predict:predict"),
        config="inference.json",
        needs_input=True,
    ),
    Verb(
        *("Use", "normative", "make a reference of normal scans, for p values", "bundle.normative:normative"),
        config="inference.json",
        needs_input=True,
    ),
    Verb("Use", "cohort", "make synthetic newborn heads", "bundle.cohort:cohort"),
    Verb("Use", "export", "export the network to TorchScript, ONNX and TensorRT", "bundle.export:export"),
    Verb(
        *("Use", "federate", "train one network at several sites", "bundle.federate:federate"),
        config="train.json",
        needs_input=True,
    ),
    Verb(
        *("Research", "benchmark preprocessing", "measure the skull strip and the midline"),
        f"{BENCHMARK}:preprocessing",
        parts=tuple(f"{BENCHMARK}.{part}:measure" for part in PREPROCESSING),
    ),
    Verb(
        *("Research", "benchmark predict", "measure time and memory of a prediction", f"{BENCHMARK}:predict"),
        parts=(f"{BENCHMARK}.predict:measure",),
    ),
    Verb(
        *("Research", "benchmark newborns", "measure normal scans of real newborns"),
        f"{BENCHMARK}.newborns:newborns",
    ),
    Verb(
        *("Research", "benchmark pathology", "measure which pathologies are seen in a scan"),
        f"{BENCHMARK}.pathology:pathology",
    ),
    Verb(
        *("Research", "benchmark heads", "measure how newborn the synthetic heads are", f"{BENCHMARK}:heads"),
        parts=(f"{BENCHMARK}.head_statistics:measure",),
    ),
    Verb("Research", "study", "compare settings: train and evaluate each", "bundle.research.study:study"),
    Verb(
        *("Research", "crossvalidate", "train and test on the same few subjects, in folds"),
        "bundle.research.crossvalidate:crossvalidate",
        config="train.json",
    ),
    Verb("Research", "compare", "compare two evaluations of the same lesions", "bundle.research.compare:compare"),
    Verb("Research", "publish", "list outdated results, make them, fill the pages", "bundle.research.publish:publish"),
    Verb("Release", "package", "make and check the package for the model zoo", "bundle.release.package:package"),
    Verb("Release", "metadata", "write the main results into the metadata", "bundle.release.metadata:metadata"),
    Verb("Release", "push", "upload the package to the Hugging Face Hub", "bundle.release.push:push"),
)

VERBS = {verb.name: verb for verb in ROWS}
"""Name -> verb, in the order of the list of all."""
