"""What a correction of the bias field does to the detection of simulated lesions in normal scans."""

from __future__ import annotations

import itertools
import time
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np

from scripts.disclaimer import RESEARCH_ONLY, SIMULATED
from scripts.evaluation.subgroups import split
from scripts.evaluation.summary import by_size

from ...inference import inference_config, load_network
from .cases import measure_all

SIZES = (7.0, 13.5)
"""Sides of the lesions, mm."""

CONDITIONS = ({"lesion_type": "normal"}, {"lesion_type": "physical", "sizes": list(SIZES)})
HEMISPHERE, SLICES = (96, 224), 12
"""Pixels of a hemisphere, and slices of each scan, as in ``configs/train.json`` and ``configs/evaluate.json``."""

BALL_MM, BALL_CONTRAST = 13.5, 0.3
"""Diameter of the ball that is put into the brain before the correction, and by which share it is brighter."""

SEED = 77
"""Of the synthetic heads."""


def measure(
    folder: Path, dataset_dir: str = "", strip: str = "learned", heads: int = 6, at_once: int | None = None
) -> dict[str, Any]:
    """Score normal scans with simulated lesions, after each method of ``scripts.preprocessing.bias_field``.

    The lesions are drawn into the corrected brain, so that no correction can take them away. What it would take away is
    measured apart, as ``contrast_kept``: the share of a ball's contrast that is left if the ball is there before.

    Args:
        folder: of what is measured.
        dataset_dir: normal scans, a folder or a datalist; by default synthetic heads are made.
        strip: method of ``scripts.skull_strip``; "given" reads the masks beside the scans.
        heads: number of synthetic heads, if they are made.
        at_once: processes at a time; 0 works in this process.

    Returns:
        JSON-safe: scans -> method -> ``auc`` by size and ``false_positive_rate``, each with a 95 % interval over
        subjects, median ``seconds`` of the correction and median ``contrast_kept``; for all scans, and for each BIDS
        suffix (T1w, T2w). And what was ``refused``.
    """
    if not dataset_dir:
        from scripts.phantom.cohort import make_cohort

        dataset_dir = str(make_cohort(folder / "heads", heads, SEED))
    from scripts.data.datalist import scans
    from scripts.preprocessing.bias_field import METHODS

    rows = measure_all(_scan, len(scans(dataset_dir)), folder / "scans", (dataset_dir, strip), at_once)
    scored = [row for row in rows if "refused" not in row]
    out: dict[str, Any] = {}
    for method in METHODS:
        mine = [row["methods"][method] for row in scored]
        names = mine[0]["columns"] if mine else {}
        columns = {name: list(itertools.chain(*(row["columns"][name] for row in mine))) for name in names}
        for group, part in {"all": columns, **(split(columns, "scan") if mine else {})}.items():
            cases = set(part.get("case", ()))
            members = [row for row in mine if set(row["columns"]["case"]) <= cases]
            if members:
                out.setdefault(group, {})[method] = _summary(part, members, scored[0]["threshold"])
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "skull_strip": strip,
        "subjects": len({row["subject"] for row in scored}),
        "scans": len(scored),
        "refused": [row["refused"] for row in rows if "refused" in row],
        "methods": out,
    }


def _summary(columns: dict[str, Any], rows: list[dict[str, Any]], threshold: float) -> dict[str, Any]:
    report = by_size([columns], [threshold])
    return {
        "scans": len(rows),
        "auc": {f"{row['size']:g}": row["auc"] for row in report["rows"]},
        "false_positive_rate": report["false_positive_rate"]["normal"],
        **{name: float(np.median([row[name] for row in rows])) for name in ("seconds", "contrast_kept")},
    }


def _scan(number: int, folder: Path, dataset_dir: str, strip: str) -> dict[str, Any]:
    """Columns of the evaluation of one scan, seconds and contrast, for every method on one brain mask."""
    from scripts.data.datalist import scans
    from scripts.io.affine import voxel_size
    from scripts.preprocessing import preprocessing
    from scripts.preprocessing.bias_field import METHODS, correct_bias_field
    from scripts.skull_strip import SkullStripd

    item = scans(dataset_dir)[number]
    parser = inference_config({"device": "cpu"})
    network = load_network(parser)
    methods = {}
    try:
        stripped: dict[str, Any] = dict(item)
        chain = preprocessing(skull_strip=strip).transforms
        first = 1 + next(index for index, step in enumerate(chain) if isinstance(step, SkullStripd))
        for step in chain[:first]:
            stripped = step(stripped)
        brain = stripped["image"].as_tensor().float()
        spacing = voxel_size(stripped["image"].affine).tolist()
        for method in METHODS:
            start = time.perf_counter()
            corrected = correct_bias_field(brain, spacing, method)
            seconds = time.perf_counter() - start
            data: dict[Hashable, Any] = dict(stripped.items())
            for step in preprocessing(
                spacing=parser["spacing"], skull_strip=strip, size=HEMISPHERE, bias_field=method
            ).transforms[first:]:
                data = step(data)
            kept = _contrast_kept(brain, corrected, spacing, method)
            methods[method] = {"columns": _columns(network, data, parser["spacing"]), "seconds": seconds}
            methods[method]["contrast_kept"] = kept
    except ValueError as error:
        return {"refused": {"case": item["case"], "reason": str(error)}}
    threshold = parser.get_parsed_content("weights").threshold
    return {"subject": item["subject"], "threshold": threshold, "methods": methods}


def _columns(network: Any, data: dict[Hashable, Any], spacing: list[float]) -> dict[str, Any]:
    """Evaluate a pair as ``configs/evaluate.json`` does."""
    import torch
    from monai.data import DataLoader, Dataset
    from monai.engines import SupervisedEvaluator

    from scripts.evaluation.collect import CollectScores
    from scripts.network.inferer import BatchInferer
    from scripts.network.score import with_scores
    from scripts.preprocessing.slices import ChooseSlicesd, Slicesd
    from scripts.simulation.simulate import SimulateAsymmetry

    item = ChooseSlicesd("image", SLICES)(Slicesd("image")(data))
    evaluator = SupervisedEvaluator(
        device=torch.device("cpu"),
        val_data_loader=DataLoader(Dataset([item]), batch_size=1),
        network=network,
        prepare_batch=SimulateAsymmetry(conditions=list(CONDITIONS), pixel_mm=spacing[0]),
        inferer=BatchInferer(),
        postprocessing=with_scores,  # type: ignore[arg-type]  # a function is enough
        decollate=False,
    )
    collect = CollectScores()
    collect.attach(evaluator)
    evaluator.run()
    return {k: v.tolist() if isinstance(v, torch.Tensor) else v for k, v in collect.table().items()}


def _contrast_kept(brain: Any, corrected: Any, spacing: list[float], method: str) -> float:
    """Share of the contrast of a ball that a correction leaves: median over the ball, on the scale of a logarithm.

    The ball lies half-way from the middle of the brain to its right end. The contrast is that to the brain around it,
    so that a change of the whole brain does not count.
    """
    import torch

    from scripts.preprocessing.bias_field import DEFAULT, correct_bias_field

    at = torch.nonzero(brain[0] > 0).double()
    middle, high = at.mean(0), at.amax(0)
    middle[0] = (middle[0] + high[0]) / 2
    away = ((at - middle) * torch.tensor(spacing)).norm(dim=1)
    ball = torch.zeros_like(brain, dtype=torch.bool)
    inside = at[away < BALL_MM / 2].long()
    ball[0, inside[:, 0], inside[:, 1], inside[:, 2]] = True
    if not bool(ball.any()):
        return float("nan")
    lesion = torch.where(ball, brain * (1 + BALL_CONTRAST), brain)
    after = lesion if method == DEFAULT else correct_bias_field(lesion, spacing, method)
    change = torch.where(brain > 0, (after / corrected).clamp(min=1e-6).log(), torch.nan)
    around = change[(brain > 0) & ~ball].median()
    return float((change[ball & (brain > 0)].median() - around) / np.log1p(BALL_CONTRAST))
