"""Simulated asymmetries: batches of normal pairs become pairs with and without lesions of known size and position."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from ..console.renamed import reject_renamed
from .curriculum import SizeRange, draw_sizes
from .insert import insert_lesions
from .lesion import SIZES, Lesions
from .lesion_types import LESION_TYPES

PATHOLOGY = "pathology"
"""The lesion type that was drawn into the head before."""

CHUNK = 64
"""Pairs that an evaluation makes at a time, which limits the memory."""


class SimulateAsymmetry:
    """Turn a batch of normal pairs into pairs and lesion masks: the ``prepare_batch`` of trainer and evaluator.

    Training uses every pair twice: once with a lesion, drawn from torch's random numbers, and once without. The
    curriculum sets the sizes. Slices that come with a pathology (``pathology``, see
    :class:`scripts.training.choose_slices.ChooseWithPathologiesd`) get no other lesion. Evaluation (``conditions``
    given) repeats every slice once for each condition. Its lesions depend on (case, slice, size, seed) alone, so that
    they are the same in every epoch and run, and for every lesion type.

    Args:
        lesion_type: the lesion type in training, or several to draw from: names of
            :data:`scripts.simulation.lesion_types.LESION_TYPES`. ``pathology`` is for training alone: among conditions
            it is left out, and alone it means ``physical``.
        scale: what sizes mean: ``side_mm`` or ``area_mm2``.
        contrast: range of the absolute contrast, in standard deviations of the brain's intensities.
        pixel_mm: size of a pixel in mm.
        point_spread_mm: standard deviation of the image's blur in mm.
        bilateral: share of the pairs without an asymmetric lesion that get a bilateral one, in training.
        contrast_exponent: how often low contrasts are drawn in training. The position within the range of contrasts is
            a uniform random number to this power: 1 is uniform, with 3 half of the contrasts are in the lowest eighth.
        conditions: for evaluation, a list of ``{"lesion_type": ..., "sizes": [...]}``. ``normal`` has no sizes; several
            lesion types make one condition each.
        seed: of the evaluation's lesions.
        old_names: none; arguments that had another name up to version 0.10 raise an error that says the new name.

    Raises:
        ValueError: if there is no such lesion type; the message lists the known ones.
        TypeError: if an argument or a key of a condition has its old name or is unknown.
    """

    def __init__(
        self,
        lesion_type: str | Sequence[str] = "physical",
        scale: str = "side_mm",
        contrast: Sequence[float] = (0.5, 2.5),
        pixel_mm: float = 0.5,
        point_spread_mm: float = 0.4,
        bilateral: float = 0.2,
        contrast_exponent: float = 1.0,
        conditions: Sequence[dict[str, Any]] | None = None,
        seed: int = 0,
        **old_names: Any,
    ) -> None:
        reject_renamed(old_names, "SimulateAsymmetry")
        for condition in conditions or []:
            reject_renamed(set(condition) - {"lesion_type", "sizes"}, "A condition of SimulateAsymmetry")
        self.lesion_types = _as_tuple(lesion_type)
        self.conditions = [
            (name, float(size))
            for condition in conditions or []
            for name in _measured(condition["lesion_type"])
            for size in condition.get("sizes", [0.0])
        ]
        for name in [*self.lesion_types, *(name for name, _ in self.conditions)]:
            if name not in LESION_TYPES:
                raise ValueError(f"There is no lesion type {name!r}. Choose one of: {', '.join(LESION_TYPES)}.")
        self.scale, self.contrast = scale, (float(contrast[0]), float(contrast[1]))
        self.pixel_mm, self.point_spread_mm, self.bilateral = pixel_mm, point_spread_mm, bilateral
        self.contrast_exponent = contrast_exponent
        self.seed = seed
        self.sizes: Sequence[SizeRange] = ((1.0, min(SIZES), max(SIZES)),)

    def __call__(
        self, batch: dict[str, Any], device: torch.device, non_blocking: bool = False, **to: Any
    ) -> tuple[Tensor, Tensor]:
        """Return pairs (N, 2, H, W) and lesion masks (N, 2, H, W) for ``batch["image"]`` (B, S, 2, H, W).

        What was drawn is added to the batch: ``lesion_type`` (list of N) and ``size`` (N,). An evaluation also adds
        ``row`` (N,), the index in B*S of the slice that each pair was made from, and ``contrast`` (N,), the lesion's
        contrast without its sign.
        """
        pairs = batch["image"].to(device, non_blocking=non_blocking, **to).flatten(0, 1)  # (B*S, 2, H, W)
        return self._evaluation(batch, pairs) if self.conditions else self._training(batch, pairs)

    def _training(self, batch: dict[str, Any], pairs: Tensor) -> tuple[Tensor, Tensor]:
        count = len(pairs)
        bilateral = (torch.rand(count) < self.bilateral).tolist()
        inserted = [name for name in self.lesion_types if name != PATHOLOGY] or [PATHOLOGY]
        # With one lesion type no number is drawn, so that a seed gives the same lesions as in earlier versions.
        picks = torch.randint(len(inserted), (count,)).tolist() if len(inserted) > 1 else [0] * count
        asymmetric = [inserted[pick] for pick in picks]
        symmetric = [_bilateral(k) if hard else "normal" for k, hard in zip(asymmetric, bilateral, strict=True)]
        batch["size"] = draw_sizes(self.sizes, torch.rand(2 * count, 2))
        lesions = Lesions.draw(batch["size"], torch.rand(2 * count, 6))
        lesions = replace(lesions, strength=lesions.strength**self.contrast_exponent)
        # Every slice once without and once with a lesion: the two differ by the lesion alone, which steadies the
        # gradient.
        twice, truth = torch.cat([pairs, pairs]), None
        if PATHOLOGY in batch:
            ill, truth = (batch[key].to(pairs).flatten(0, 1) for key in (PATHOLOGY, "truth"))
            drawn = (ill != 0).flatten(1).any(1)
            twice[count:][drawn] = ill[drawn]
            batch["size"][count:][drawn.cpu()] = batch["pathology_size"].flatten()[drawn.cpu()].to(batch["size"])
            asymmetric = [PATHOLOGY if one else name for one, name in zip(drawn.tolist(), asymmetric, strict=True)]
        batch["lesion_type"] = symmetric + asymmetric
        made, mask = self.apply(twice, batch["lesion_type"], lesions)
        if truth is not None:
            mask[count:] += truth  # of other lesions it is 0
        return made, mask

    def _evaluation(self, batch: dict[str, Any], pairs: Tensor) -> tuple[Tensor, Tensor]:
        slices = batch["slice"].flatten().tolist()
        cases = [case for case in batch["case"] for _ in range(len(slices) // len(batch["case"]))]
        rows = [(row, lesion_type, size) for lesion_type, size in self.conditions for row in range(len(pairs))]
        draws = torch.stack([self._fixed_draw(cases[row], slices[row], size) for row, _, size in rows])
        batch["row"] = torch.tensor([row for row, _, _ in rows])
        batch["lesion_type"] = [lesion_type for _, lesion_type, _ in rows]
        batch["size"] = torch.tensor([size for _, _, size in rows])
        lesions = Lesions.draw(batch["size"], draws)
        low, high = self.contrast
        batch["contrast"] = low + (high - low) * lesions.strength
        chunks = [slice(start, start + CHUNK) for start in range(0, len(rows), CHUNK)]
        made = [
            self.apply(pairs[batch["row"][chunk].to(pairs.device)], batch["lesion_type"][chunk], lesions[chunk])
            for chunk in chunks
        ]
        image, mask = zip(*made, strict=True)
        return torch.cat(image), torch.cat(mask)

    def _fixed_draw(self, case: str, index: int, size: float) -> Tensor:
        key = hashlib.sha256(f"{case}|{index}|{size:g}|{self.seed}".encode()).digest()
        return torch.rand(6, generator=torch.Generator().manual_seed(int.from_bytes(key[:7], "big")))

    def apply(self, pairs: Tensor, lesion_types: Sequence[str], lesions: Lesions) -> tuple[Tensor, Tensor]:
        """Insert a lesion into each pair, see :func:`scripts.simulation.insert.insert_lesions`."""
        return insert_lesions(
            pairs, lesion_types, lesions, self.scale, self.contrast, self.pixel_mm, self.point_spread_mm
        )


def _as_tuple(lesion_type: str | Sequence[str]) -> tuple[str, ...]:
    return (lesion_type,) if isinstance(lesion_type, str) else tuple(lesion_type)


def _measured(lesion_type: str | Sequence[str]) -> tuple[str, ...]:
    """Return the lesion types that an evaluation can insert."""
    return tuple(name for name in _as_tuple(lesion_type) if name != PATHOLOGY) or ("physical",)


def _bilateral(lesion_type: str) -> str:
    """Return the lesion type that does the same in both hemispheres; for ``painted`` it is the physical one."""
    name = f"bilateral_{lesion_type}"
    return name if name in LESION_TYPES else "bilateral"
