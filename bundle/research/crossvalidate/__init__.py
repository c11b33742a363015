"""The verb ``crossvalidate``: train and test on the same few subjects, never on one that was trained on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

STEPS = ("strips", "networks")
"""What is trained, in order."""

CONTRASTS = {"all": "", "T1w": "T1w", "T2w": "T2w"}
"""Part of the scans -> how the names of its cases end."""


def crossvalidate(
    dataset_dir: str,
    output_dir: str = "crossvalidation",
    folds: int = 4,
    seeds: Sequence[int] = (0, 1, 2),
    name: str = "real",
    more: str | None = None,
    strips: str = "trained",
    only: str | None = None,
    final: bool = False,
    **settings: Any,
) -> str:
    """Train on normal scans in folds by subject, and test every subject by networks that have not seen it.

    Each fold has a skull strip and a network of its own, fine-tuned from those in models/synthetic. Calibration and
    threshold of a network come from the test subjects of the other folds. What is done is not done again: the command
    can be stopped.

    Args:
        dataset_dir: normal scans, a BIDS folder or a datalist JSON, with a tight brain mask beside each.
        output_dir: where all of it is kept. networks_NAME.json there names the networks that have not seen a subject.
        folds: number of parts.
        seeds: of the trainings of the network in every fold.
        name: of this way of training, for its folders and results.
        more: datalist JSON of further scans to learn from in every fold, such as synthetic heads.
        strips: "trained", or "shipped" to use the shipped skull strip.
        only: "strips" trains the skull strips only.
        final: then train on all subjects, for weights to use on others; they go to the folder final.
        settings: of the training of the networks, keys of configs/train.json.

    Returns:
        The path of the results.

    Raises:
        ValueError: if there are too few subjects, or an option has another value.
    """
    from scripts.atomic_write import write_text
    from scripts.data.datalist import scans
    from scripts.skull_strip.learned import WEIGHTS

    from .evaluate import EVIDENCE_FILE, evaluate, pooled
    from .folds import make_folds
    from .masks import make_masks
    from .networks import train_networks
    from .strips import train_strips

    for option, value, known in (("strips", strips, ("trained", "shipped")), ("only", only, (None, *STEPS))):
        if value not in known:
            raise ValueError(f"{option}: expected one of {', '.join(map(str, known))}, found {value!r}.")
    folder = Path(output_dir).resolve()
    parts = make_folds(scans(dataset_dir), folds, folder)
    weights = train_strips(parts) if strips == "trained" else [WEIGHTS] * folds
    masks = make_masks(parts, weights)
    if only == "strips":
        return str(folder)
    extra = scans(more) if more else []
    files = train_networks(parts, masks, seeds, extra, settings, name)
    scores = evaluate(parts, files, name)
    networks = [
        {
            "subjects": sorted({scan["subject"] for scan in parts[k].test}),
            "seed": seed,
            "model": str(file.parent / "test" / "model.pt"),
            "skull_strip": str(weights[k]),
        }
        for (k, seed), file in files.items()
    ]
    write_text(folder / f"networks_{name}.json", json.dumps(networks, indent=1) + "\n")
    report = {part: pooled(scores, ending) for part, ending in CONTRASTS.items()}
    write_text(folder / f"{name}.json", json.dumps(report, indent=1) + "\n")
    if final:
        from .final import final_network, final_strip

        every = [scan for part in parts for scan in part.test]
        final_strip(every, folder)
        final_network(
            every,
            masks,
            [file.parent / "test" / EVIDENCE_FILE for file in files.values()],
            folder,
            extra,
            settings,
            name,
        )
    return str(folder / f"{name}.json")
