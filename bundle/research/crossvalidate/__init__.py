"""The verb ``crossvalidate``: train and test on the same few subjects, never on one that was trained on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .heads import LEARN_FROM, MATERIALS

STEPS = ("strips", "networks")
"""What is trained, in order."""


def crossvalidate(
    dataset_dir: str,
    output_dir: str = "crossvalidation",
    folds: int = 4,
    seeds: Sequence[int] = (0, 1, 2),
    learn_from: str = LEARN_FROM,
    strips: str = "trained",
    only: str | None = None,
    final: bool = False,
    reference: str = "normal newborns",
    **settings: Any,
) -> str:
    """Train on normal scans in folds by subject, and test every subject by networks that have not seen it.

    Each fold has a skull strip and a network of its own, fine-tuned from those in models/synthetic. If they learn
    pathologies, a training on synthetic heads that all folds share comes between. Calibration and threshold of a
    network come from the test subjects of the other folds. What is done is not done again: the command can be stopped.

    Args:
        dataset_dir: normal scans, a BIDS folder or a datalist JSON, with a tight brain mask beside each.
        output_dir: where all of it is kept.
        folds: number of parts.
        seeds: of the trainings of the network in every fold.
        learn_from: "newborns", synthetic "heads", "both", or "pathologies": both, with drawn pathologies beside the
            lesions. networks_LEARN_FROM.json in the folder names the networks that have not seen a subject.
        strips: "trained", or "shipped" to use the shipped skull strip.
        only: "strips" trains the skull strips only.
        final: then make weights to use on others: the mean of all networks, and, if strips are trained, one that has
            learnt from all subjects. They go to the folder final, with a reference of normal scans.
        reference: its name in every result, such as "24 scans of 12 newborns".
        settings: of the training of the networks, keys of configs/train.json.

    Returns:
        The path of networks_LEARN_FROM.json, which ``benchmark newborns`` measures.

    Raises:
        ValueError: if there are too few subjects, or an option has another value.
    """
    from scripts.atomic_write import write_text
    from scripts.data.datalist import scans
    from scripts.skull_strip.learned import WEIGHTS

    from .evidence import EVIDENCE_FILE, calibrate_folds
    from .folds import make_folds
    from .masks import make_masks
    from .networks import train_networks
    from .strips import train_strips

    for option, value, known in (
        ("strips", strips, ("trained", "shipped")),
        ("only", only, (None, *STEPS)),
        ("learn_from", learn_from, tuple(MATERIALS)),
    ):
        if value not in known:
            raise ValueError(f"{option}: expected one of {', '.join(map(str, known))}, found {value!r}.")
    folder = Path(output_dir).resolve()
    parts = make_folds(scans(dataset_dir), folds, folder)
    weights = train_strips(parts) if strips == "trained" else [WEIGHTS] * folds
    masks = make_masks(parts, weights)
    if only == "strips":
        return str(folder)
    files = train_networks(parts, masks, seeds, learn_from, settings)
    calibrated = calibrate_folds(parts, files, learn_from)
    networks = [
        {
            "subjects": sorted({scan["subject"] for scan in parts[k].test}),
            "seed": seed,
            "model": str(file),
            "skull_strip": str(weights[k]),
        }
        for (k, seed), file in calibrated.items()
    ]
    listed = folder / f"networks_{learn_from}.json"
    write_text(listed, json.dumps(networks, indent=1) + "\n")
    if final:
        from .final import final_network, final_strip
        from .reference import write_reference

        if strips == "trained":
            final_strip([scan for part in parts for scan in part.test], folder)
        evidence = [file.with_name(EVIDENCE_FILE) for file in calibrated.values()]
        weights_file = final_network(list(files.values()), evidence, folder, learn_from)
        write_reference(dataset_dir, listed, weights_file, reference, folder / "final")
    return str(listed)
