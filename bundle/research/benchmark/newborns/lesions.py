"""Draw the lesions of an evaluation into the slices of one scan, and score them: its rows of ``scores.json``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import torch
from monai.data import MetaTensor

from scripts.evaluation.baseline import difference_score
from scripts.evaluation.collect import CollectScores
from scripts.network.inferer import BatchInferer
from scripts.preprocessing.slices import ChooseSlicesd, Slicesd
from scripts.simulation.simulate import SimulateAsymmetry

from .... import ROOT
from .scored import loaded

LESION_TYPES = ("physical", "painted")
BILATERAL = (7.0, 13.5)
"""Sizes of the bilateral lesions, mm, which are as symmetric as the brain was."""


def lesion_scores(
    pair: MetaTensor, case: str, subject: str, model: str, sizes: Sequence[float] | None = None
) -> dict[str, Any]:
    """Score slices of a scan without and with lesions, as ``configs/evaluate.json`` does.

    Args:
        pair: (2, H, W, Z).
        case: name of the scan; the lesions depend on it.
        subject: who was scanned.
        model: file of the weights.
        sizes: of physical lesions, mm, and no other lesions; by default all types in all sizes.

    Returns:
        ``threshold`` of the network, and ``columns``, see :class:`scripts.evaluation.collect.Columns`.
    """
    train, evaluate = (json.loads((ROOT / "configs" / f"{name}.json").read_text()) for name in ("train", "evaluate"))
    parser, network, threshold, _ = loaded(model)
    device = parser.get_parsed_content("device")
    simulation = SimulateAsymmetry(
        scale=train["scale"],
        contrast=train["contrast"],
        pixel_mm=parser["spacing"][0],
        conditions=[
            {"lesion_type": "normal"},
            *(
                [{"lesion_type": "physical", "sizes": sizes}]
                if sizes
                else [
                    {"lesion_type": "bilateral", "sizes": BILATERAL},
                    {"lesion_type": LESION_TYPES, "sizes": train["sizes"]},
                ]
            ),
        ],
    )
    item = Slicesd("image")({"image": pair, "case": case, "subject": subject})
    item = ChooseSlicesd("image", evaluate["val_slices"])(item)
    batch = {"image": item["image"][None], "slice": item["slice"][None], "case": [case], "subject": [subject]}
    image, label = simulation(batch, device)
    with torch.no_grad(), torch.autocast(device.type, enabled=bool(parser.get_parsed_content("amp"))):
        pred = BatchInferer()(image, network).float()
    collect = CollectScores(baseline=difference_score)
    collect(SimpleNamespace(state=SimpleNamespace(batch=batch, output={"image": image, "pred": pred, "label": label})))  # type: ignore[arg-type]
    return {"threshold": threshold, "columns": collect.columns}
