"""Simulated asymmetry: lesions of known size, place and contrast, made on the device, in the batch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from .curriculum import SizeRange, draw_sizes
from .lesion import SIZES, Lesions, centres, coverage, half_extent, outside
from .lesion_types import LESION_TYPES, Place, covers

AT_ONCE = 64
"""Pairs that an evaluation makes at a time, which bounds its memory."""


class SimulateAsymmetry:
    """Turn a batch of normal pairs into pairs and lesion masks: the ``prepare_batch`` of trainer and evaluator.

    Training draws a lesion for half of the pairs from torch's random numbers, with sizes as the curriculum says.
    Evaluation (``conditions`` given) repeats every slice, once for each condition, and draws the lesions from
    (case, slice, size, seed), so that they are the same in every epoch, run, and for every kind.

    Args:
        lesion_type: the kind of lesion in training, a name of :data:`scripts.simulation.lesion_types.LESION_TYPES` or
            several to draw from.
        scale: what sizes mean: ``side_mm`` or ``area_mm2``.
        contrast: range of the absolute contrast, in standard deviations of the brain's intensities.
        pixel_mm: size of a pixel in mm.
        point_spread_mm: standard deviation of the image's blur in mm.
        bilateral: share of the negatives in training with a bilateral lesion.
        contrast_exponent: in training, how much more often contrasts near the least are drawn: the power of a uniform
            number that says where in the range a contrast lies. 1 is uniform, 3 has half of them in the lowest eighth.
        conditions: for evaluation: a list of ``{"lesion_type": ..., "sizes": [...]}`` (``normal`` has no sizes; several
            kinds make a condition each).
        seed: of the evaluation's lesions.

    Raises:
        ValueError: for a kind that does not exist; the message lists those that do.
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
    ) -> None:
        self.lesion_types = _several(lesion_type)
        self.plan = [
            (k, float(s)) for c in conditions or [] for k in _several(c["lesion_type"]) for s in c.get("sizes", [0.0])
        ]
        for name in [*self.lesion_types, *(lesion_type for lesion_type, _ in self.plan)]:
            if name not in LESION_TYPES:
                raise ValueError(f"There is no kind of asymmetry {name!r}. Choose one of: {', '.join(LESION_TYPES)}.")
        self.scale, self.contrast = scale, (float(contrast[0]), float(contrast[1]))
        self.pixel_mm, self.point_spread_mm, self.bilateral = pixel_mm, point_spread_mm, bilateral
        self.contrast_exponent = contrast_exponent
        self.seed = seed
        self.sizes: Sequence[SizeRange] = ((1.0, min(SIZES), max(SIZES)),)

    def __call__(
        self, batch: dict[str, Any], device: torch.device, non_blocking: bool = False, **to: Any
    ) -> tuple[Tensor, Tensor]:
        """Return pairs (N, 2, H, W) and lesion masks (N, 2, H, W) for ``batch["image"]`` (B, S, 2, H, W).

        What was drawn is put into the batch: ``lesion_type`` (list of N), ``size`` (N,) and, for evaluation, ``row``
        (N,): the index in B*S of the slice that each pair was made of, and ``contrast`` (N,) of the lesion, without
        its sign.
        """
        pairs = batch["image"].to(device, non_blocking=non_blocking, **to).flatten(0, 1)  # (B*S, 2, H, W)
        return self._evaluation(batch, pairs) if self.plan else self._training(batch, pairs)

    def _training(self, batch: dict[str, Any], pairs: Tensor) -> tuple[Tensor, Tensor]:
        count = len(pairs)
        alike = torch.rand(count) < self.bilateral
        # With one kind no number is drawn, so that a seed gives what it gave before there were several.
        picks = torch.randint(len(self.lesion_types), (count,)).tolist() if len(self.lesion_types) > 1 else [0] * count
        asymmetric = [self.lesion_types[pick] for pick in picks]
        symmetric = [_bilateral(k) if hard else "normal" for k, hard in zip(asymmetric, alike.tolist(), strict=True)]
        batch["lesion_type"] = symmetric + asymmetric
        batch["size"] = draw_sizes(self.sizes, torch.rand(2 * count, 2))
        lesions = Lesions.draw(batch["size"], torch.rand(2 * count, 6))
        lesions = replace(lesions, strength=lesions.strength**self.contrast_exponent)
        # Every slice once without and once with a lesion: that the two differ by nothing else steadies the gradient.
        return self.apply(torch.cat([pairs, pairs]), batch["lesion_type"], lesions)

    def _evaluation(self, batch: dict[str, Any], pairs: Tensor) -> tuple[Tensor, Tensor]:
        slices = batch["slice"].flatten().tolist()
        cases = [case for case in batch["case"] for _ in range(len(slices) // len(batch["case"]))]
        rows = [(row, lesion_type, size) for lesion_type, size in self.plan for row in range(len(pairs))]
        draws = torch.stack([self._fixed_draw(cases[row], slices[row], size) for row, _, size in rows])
        batch["row"] = torch.tensor([row for row, _, _ in rows])
        batch["lesion_type"] = [lesion_type for _, lesion_type, _ in rows]
        batch["size"] = torch.tensor([size for _, _, size in rows])
        lesions = Lesions.draw(batch["size"], draws)
        low, high = self.contrast
        batch["contrast"] = low + (high - low) * lesions.strength
        parts = [slice(start, start + AT_ONCE) for start in range(0, len(rows), AT_ONCE)]
        made = [
            self.apply(pairs[batch["row"][part].to(pairs.device)], batch["lesion_type"][part], lesions[part])
            for part in parts
        ]
        image, mask = zip(*made, strict=True)
        return torch.cat(image), torch.cat(mask)

    def _fixed_draw(self, case: str, index: int, size: float) -> Tensor:
        key = hashlib.sha256(f"{case}|{index}|{size:g}|{self.seed}".encode()).digest()
        return torch.rand(6, generator=torch.Generator().manual_seed(int.from_bytes(key[:7], "big")))

    def apply(self, pairs: Tensor, lesion_types: Sequence[str], lesions: Lesions) -> tuple[Tensor, Tensor]:
        """Put each lesion into its pair; return the pairs and the masks of what makes them asymmetric."""
        device = pairs.device
        lesions = Lesions(*(value.to(device) for value in vars(lesions).values()))
        both = torch.tensor(
            [bool(lesion_type and lesion_type.bilateral) for lesion_type in map(LESION_TYPES.get, lesion_types)],
            device=device,
        )
        brain = pairs != 0  # (N, 2, H, W)
        each = torch.arange(len(pairs), device=device)
        own, mirror = brain[each, lesions.channel], brain[each, 1 - lesions.channel]
        extent = half_extent(lesions, self.scale, self.pixel_mm)
        centre = centres(lesions, torch.where(both[:, None, None], own & mirror, own), extent)
        distance = outside(lesions, centre, extent, (pairs.shape[2], pairs.shape[3]))
        place = Place(
            outside=distance,
            covered=coverage(distance),
            centre=centre,
            extent=extent,
            strength=lesions.strength,
            sign=torch.where(lesions.sign < 0.5, -1.0, 1.0),
            contrast=self.contrast,
            point_spread=self.point_spread_mm / self.pixel_mm,
        )
        made, mask = pairs.clone(), torch.zeros_like(pairs)
        for name in dict.fromkeys(lesion_types):
            lesion_type = LESION_TYPES[name]
            if lesion_type is None:
                continue
            rows = torch.tensor([k == name for k in lesion_types], device=device).nonzero().flatten()
            here, channel = place[rows], lesions.channel[rows]
            for hemisphere in (channel, 1 - channel) if lesion_type.bilateral else (channel,):
                within = brain[rows, hemisphere]
                made[rows, hemisphere] = torch.where(
                    within, lesion_type.change(pairs[rows, hemisphere], here), pairs[rows, hemisphere]
                )
            if not lesion_type.bilateral:
                mask[rows, channel] = (covers(here.covered) & brain[rows, channel]).to(mask.dtype)
        return made, mask


def _several(lesion_type: str | Sequence[str]) -> tuple[str, ...]:
    return (lesion_type,) if isinstance(lesion_type, str) else tuple(lesion_type)


def _bilateral(lesion_type: str) -> str:
    """The kind that does the same to both halves; painted lesions have the physical one for a hard negative."""
    name = f"bilateral_{lesion_type}"
    return name if name in LESION_TYPES else "bilateral"
