"""Simulated asymmetry: lesions of known size, place and contrast, made on the device, in the batch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .blur import blur
from .curriculum import SizeRange, draw_sizes
from .lesion import SIZES, Lesions, centres, coverage, half_extent

#: What can be done to a pair. Only ``physical``, ``painted`` and ``zero`` make it asymmetric.
KINDS: dict[str, str] = {
    "normal": "the pair as it is",
    "physical": "the mean of the tissue shifted under the lesion, blurred as the image is; texture and noise stay",
    "painted": "one flat grey with a hard edge, as Gucciardi et al. 2025 paint it; a network may see just the edge",
    "zero": "a physical lesion of zero contrast: the control that must be found at chance",
    "bilateral": "the same physical lesion at mirrored places of both halves: symmetric, so normal",
}
#: The greys of a painted lesion in Gucciardi et al. 2025: 140 to 215 of 255. The brain's mean ± 2.5 standard
#: deviations is taken for the range 0 to 255.
PAINTED_GREYS = tuple(5.0 * grey / 255 - 2.5 for grey in (140, 215))
#: Pairs that an evaluation makes at a time, which bounds its memory.
AT_ONCE = 64


class SimulateAsymmetry:
    """Turn a batch of normal pairs into pairs and lesion masks: the ``prepare_batch`` of trainer and evaluator.

    Training draws a lesion for half of the pairs from torch's random numbers, with sizes as the curriculum says.
    Evaluation (``conditions`` given) repeats every slice, once for each condition, and draws the lesions from
    (case, slice, size, seed), so that they are the same in every epoch, run, and for every kind.

    Args:
        kind: the kind of lesion in training, ``physical`` or ``painted``.
        scale: what sizes mean: ``side_mm`` or ``area_mm2``.
        contrast: range of the absolute contrast, in standard deviations of the brain's intensities.
        pixel_mm: size of a pixel in mm.
        point_spread_mm: standard deviation of the image's blur in mm.
        bilateral: share of the negatives in training with a bilateral lesion.
        conditions: for evaluation: a list of ``{"kind": ..., "sizes": [...]}`` (``normal`` has no sizes).
        seed: of the evaluation's lesions.

    Raises:
        ValueError: for a kind that does not exist; the message lists those that do.
    """

    def __init__(
        self,
        kind: str = "physical",
        scale: str = "side_mm",
        contrast: Sequence[float] = (0.5, 2.5),
        pixel_mm: float = 0.5,
        point_spread_mm: float = 0.4,
        bilateral: float = 0.2,
        conditions: Sequence[dict[str, Any]] | None = None,
        seed: int = 0,
    ) -> None:
        for name in [kind, *(condition["kind"] for condition in conditions or [])]:
            if name not in KINDS:
                raise ValueError(f"There is no kind of asymmetry {name!r}. Choose one of: {', '.join(KINDS)}.")
        self.kind, self.scale, self.contrast = kind, scale, tuple(contrast)
        self.pixel_mm, self.point_spread_mm, self.bilateral = pixel_mm, point_spread_mm, bilateral
        self.plan = [(c["kind"], float(s)) for c in conditions or [] for s in c.get("sizes", [0.0])]
        self.seed = seed
        self.sizes: Sequence[SizeRange] = ((1.0, min(SIZES), max(SIZES)),)

    def __call__(
        self, batch: dict[str, Any], device: torch.device, non_blocking: bool = False, **to: Any
    ) -> tuple[Tensor, Tensor]:
        """Return pairs (N, 2, H, W) and lesion masks (N, 2, H, W) for ``batch["image"]`` (B, S, 2, H, W).

        What was drawn is put into the batch: ``kind`` (list of N), ``size`` (N,) and, for evaluation, ``row``
        (N,): the index in B*S of the slice that each pair was made of.
        """
        pairs = batch["image"].to(device, non_blocking=non_blocking, **to).flatten(0, 1)  # (B*S, 2, H, W)
        return self._evaluation(batch, pairs) if self.plan else self._training(batch, pairs)

    def _training(self, batch: dict[str, Any], pairs: Tensor) -> tuple[Tensor, Tensor]:
        count = len(pairs)
        symmetric = ["bilateral" if chance < self.bilateral else "normal" for chance in torch.rand(count).tolist()]
        batch["kind"] = symmetric + [self.kind] * count
        batch["size"] = draw_sizes(self.sizes, torch.rand(2 * count, 2))
        lesions = Lesions.draw(batch["size"], torch.rand(2 * count, 6))
        # Every slice once without and once with a lesion: that the two differ by nothing else steadies the gradient.
        return self.apply(torch.cat([pairs, pairs]), batch["kind"], lesions)

    def _evaluation(self, batch: dict[str, Any], pairs: Tensor) -> tuple[Tensor, Tensor]:
        slices = batch["slice"].flatten().tolist()
        cases = [case for case in batch["case"] for _ in range(len(slices) // len(batch["case"]))]
        rows = [(row, kind, size) for kind, size in self.plan for row in range(len(pairs))]
        draws = torch.stack([self._fixed_draw(cases[row], slices[row], size) for row, _, size in rows])
        batch["row"] = torch.tensor([row for row, _, _ in rows])
        batch["kind"] = [kind for _, kind, _ in rows]
        batch["size"] = torch.tensor([size for _, _, size in rows])
        lesions = Lesions.draw(batch["size"], draws)
        parts = [slice(start, start + AT_ONCE) for start in range(0, len(rows), AT_ONCE)]
        made = [
            self.apply(pairs[batch["row"][part].to(pairs.device)], batch["kind"][part], lesions[part]) for part in parts
        ]
        image, mask = zip(*made, strict=True)
        return torch.cat(image), torch.cat(mask)

    def _fixed_draw(self, case: str, index: int, size: float) -> Tensor:
        key = hashlib.sha256(f"{case}|{index}|{size:g}|{self.seed}".encode()).digest()
        return torch.rand(6, generator=torch.Generator().manual_seed(int.from_bytes(key[:7], "big")))

    def apply(self, pairs: Tensor, kinds: Sequence[str], lesions: Lesions) -> tuple[Tensor, Tensor]:
        """Put each lesion into its pair; return the pairs and the masks of what makes them asymmetric."""
        device = pairs.device
        lesions = Lesions(*(value.to(device) for value in vars(lesions).values()))
        is_kind = {kind: torch.tensor([k == kind for k in kinds], device=device) for kind in KINDS}
        brain = pairs != 0  # (N, 2, H, W)
        each = torch.arange(len(pairs), device=device)
        own, mirror = brain[each, lesions.channel], brain[each, 1 - lesions.channel]
        extent = half_extent(lesions, self.scale, self.pixel_mm)
        allowed = torch.where(is_kind["bilateral"][:, None, None], own & mirror, own)
        covered = coverage(lesions, centres(lesions, allowed, extent), extent, (pairs.shape[2], pairs.shape[3]))
        hard = covered >= covered.flatten(1).amax(1).clamp(max=0.5)[:, None, None]
        soft = blur(covered, self.point_spread_mm / self.pixel_mm)

        low, high = self.contrast
        strength = torch.where(lesions.sign < 0.5, -1.0, 1.0) * (low + (high - low) * lesions.strength)
        strength = strength * (is_kind["physical"] | is_kind["bilateral"])
        shift = (strength[:, None, None] * soft)[:, None]  # (N, 1, H, W)
        in_half = torch.arange(2, device=device)[None] == lesions.channel[:, None]  # (N, 2)
        touched = (in_half | is_kind["bilateral"][:, None])[:, :, None, None] & brain
        made = torch.where(touched, pairs + shift, pairs)
        grey = PAINTED_GREYS[0] + (PAINTED_GREYS[1] - PAINTED_GREYS[0]) * lesions.strength
        lesion = hard[:, None] & in_half[:, :, None, None] & brain
        made = torch.where(lesion & is_kind["painted"][:, None, None, None], grey[:, None, None, None], made)
        symmetric = is_kind["normal"] | is_kind["bilateral"]
        return made, (lesion & ~symmetric[:, None, None, None]).to(pairs.dtype)
