"""Vary the appearance of pairs in training: bias field, contrast, sharpness and noise, as scanners vary."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform, RandomizableTransform
from torch import Tensor

from ..blur import blur

OFFSET = (2.5, 4.5)
"""Mean of a brain's intensities in its own standard deviations. Pairs are normalised to mean 0, and a bias field or a
gamma needs what was there before."""

BIAS = 0.12
"""Largest standard deviation of the logarithm of a bias field's terms. The field is no mirror image of itself."""

GAMMA = 0.25
"""Standard deviation of the logarithm of gamma."""

BLUR_PIXELS = 2.5
"""Largest standard deviation of a blur along one axis, as of a slice that is thick along it."""

NOISE = 0.15
"""Largest standard deviation of added noise, in those of the brain."""


class RandAppearanced(MapTransform, RandomizableTransform):
    """Change the appearance of slices (S, 2, H, W); their background stays exactly 0, and their anatomy as it is.

    The slices of a call are of one scan and are changed alike, under every key; only the noise of slices differs.

    Args:
        keys: of the slices, channel 0 the left hemisphere mirrored, channel 1 the right one; H from the midline on.
        prob: of each of the four changes.
        allow_missing_keys: don't raise if a key is missing.
    """

    def __init__(self, keys: KeysCollection, prob: float = 0.5, allow_missing_keys: bool = False) -> None:
        MapTransform.__init__(self, keys, allow_missing_keys)
        RandomizableTransform.__init__(self, 1.0)
        self.chance = prob

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Change every key, all of them alike."""
        d = dict(data)
        state = self.R.get_state()
        for key in self.key_iterator(d):
            self.R.set_state(state)
            d[key] = self._changed(d[key])
        return d

    def _changed(self, slices: Tensor) -> Tensor:
        rng, brain = self.R, slices != 0
        generator = torch.Generator().manual_seed(int(rng.randint(2**31)))
        bias, gamma, soft, noisy = rng.rand(4) < self.chance
        if not brain.any() or not (bias or gamma or soft or noisy):
            return slices
        offset = rng.uniform(*OFFSET)
        level = slices + offset
        if bias:
            level = level * self._bias(slices)
        if gamma:
            top = level[brain].max()
            level = top * (level.clamp(min=0) / top) ** math.exp(rng.normal(0, GAMMA))
        changed = torch.where(brain, _as_before(level, slices, brain), 0.0)
        if soft:
            axes, sigma = [-1 - rng.randint(2)], rng.uniform(0, BLUR_PIXELS)
            changed = blur(changed, sigma, axes) / blur(brain.to(changed), sigma, axes).clamp(min=1e-6)
        if noisy:
            noise = blur(
                torch.randn(slices.shape, generator=generator), 0.8
            )  # finer than a voxel of the scan it is not
            changed = changed + rng.uniform(0, NOISE) / float(noise.std()) * noise
        return torch.where(brain, changed, 0.0)

    def _bias(self, slices: Tensor) -> Tensor:
        """A smooth field (2, H, W) over the head: the halves of it differ."""
        height, width = slices.shape[-2:]
        lateral = torch.linspace(0, 1, height)[:, None] * torch.tensor([-1.0, 1.0])[:, None, None]  # (2, H, 1)
        frontal = torch.linspace(-1, 1, width)[None, None]  # (1, 1, W)
        terms = (lateral, frontal, lateral * frontal, lateral**2, frontal**2)
        factors = self.R.normal(0, self.R.uniform(0, BIAS), len(terms))
        field = torch.zeros(2, height, width)
        for factor, term in zip(factors, terms, strict=True):
            field = field + float(factor) * term
        return field.exp()


def _as_before(level: Tensor, slices: Tensor, brain: Tensor) -> Tensor:
    """Give intensities the mean and the standard deviation that the slices have."""
    old, new = slices[brain], level[brain]
    return (level - new.mean()) * (old.std() / new.std().clamp(min=1e-6)) + old.mean()
