"""A random image from a label map: any contrast, resolution, field of view, pose and artefact, to train on."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.transforms import MapTransform, RandomizableTransform
from torch import Tensor
from torch.nn import functional as F

from ...phantom.scanner import rotation
from ..canvas import normalize
from .label_maps import LABELS, STEP

# Mean intensity of the labels from csf to dura; newborn rows as in ``scanner.CONTRASTS``.
CONTRASTS: dict[str, tuple[float, ...]] = {
    #               csf   cortex deep  white myelin skull diploe fat   skin  eye   lens  sinus dura
    "T1 adult": (0.20, 0.58, 0.66, 0.92, 0.92, 0.10, 0.55, 0.95, 0.60, 0.20, 0.45, 0.35, 0.45),
    "T2 adult": (0.95, 0.60, 0.48, 0.42, 0.40, 0.07, 0.35, 0.70, 0.35, 0.92, 0.15, 0.12, 0.20),
    "T1 newborn": (0.20, 0.62, 0.62, 0.47, 0.74, 0.10, 0.20, 0.85, 0.58, 0.18, 0.48, 0.35, 0.40),
    "T2 newborn": (0.95, 0.48, 0.46, 0.70, 0.38, 0.07, 0.15, 0.55, 0.35, 0.92, 0.15, 0.12, 0.20),
}
SOFT_MEAN, SOFT_SD = 0.42, 0.14  # of the soft parts of face and neck, in every row
ROWS = (0.42, 0.08, 0.42, 0.08)  # how often each: a dark rim of fluid beside dark bone is the harder to see
RANDOM = 0.25  # share of images whose labels have means of no table
JITTER = 0.06  # sd of a table's means from image to image
BIAS = 0.8  # a bias field's standard deviation at most, as a logarithm
STRIPPED = 0.1  # share of images of a brain alone
LOOSE_MM = 14.0  # a brain's centre is off the canvas' by so much along each axis at least
FACELESS = 0.35  # share of images that end at a plane not far below or before the brain
NEAR_MM = 22.0  # its distance at most
WHOLE_MM = 200.0  # span of an adult's brain, with some skull
MIRROR = torch.tensor([-1.0, 1.0, 1.0])


def draw_means(rng: np.random.RandomState) -> Tensor:
    """Mean intensity (len(LABELS),) of every label in [0, 1]."""
    means = rng.uniform(0, 1, len(LABELS))
    if rng.rand() < RANDOM:
        if rng.rand() < 0.5:
            means[LABELS.index("skull")] *= 0.4  # bone is dark in most images
    else:
        row = list(CONTRASTS.values())[rng.choice(len(CONTRASTS), p=ROWS)]
        means[1 : 1 + len(row)] = np.array(row) + rng.normal(0, JITTER, len(row))
        soft = LABELS.index("soft_0")
        means[soft:] = rng.normal(SOFT_MEAN, SOFT_SD, len(LABELS) - soft)
    means[0] = 0 if rng.rand() < 0.8 else 0.5 * rng.rand() * means[0]
    return torch.from_numpy(means.clip(0, 1)).float()


class RandHeadImaged(MapTransform, RandomizableTransform):
    """From a label map to a random image and its target, on a small canvas.

    Args:
        labels: key of the labels (1, X, Y, Z) uint8.
        brain: key of the brain (1, X, Y, Z) uint8.
        canvas: voxels of the image.
        voxel: least and largest voxel size, in mm of an adult-sized head.

    An item with an ``image_seed`` gives the same image every time: for validation.

    Attributes:
        canvas, voxel: a handler may set them anew for every batch.
    """

    def __init__(
        self,
        labels: str = "labels",
        brain: str = "brain",
        canvas: Sequence[int] = (80, 96, 96),
        voxel: Sequence[float] = (1.95, 2.6),
    ) -> None:
        MapTransform.__init__(self, (labels, brain))
        RandomizableTransform.__init__(self, 1.0)
        self.canvas, self.voxel = tuple(canvas), (voxel[0], voxel[1])

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Draw the image.

        Returns:
            ``image`` (1, *canvas) in [0, 1] and ``label`` (1, *canvas), the share of brain in every voxel.
        """
        if "image_seed" in data:
            self.set_random_state(seed=int(data["image_seed"]))
        labels, brain = (torch.as_tensor(data[key])[0] for key in self.keys)
        generator = torch.Generator().manual_seed(int(self.R.randint(2**31)))
        image, label = self._sample(self._paint(labels, generator), brain, generator)
        if self.R.rand() < STRIPPED:
            # Strips differ: the edge lies anywhere within a voxel, and it is sharp.
            label = (label > self.R.uniform(0.2, 0.8)).float()
            image = image * label
        image = self._scan(self._without_face(image, label), generator)
        image, label = self._cut(image, label)
        return {"image": normalize(image)[None], "label": label[None]}

    def _paint(self, labels: Tensor, generator: torch.Generator) -> Tensor:
        """Intensities (X, Y, Z) of a label map, with a texture of its own for every label."""
        texture = self.R.uniform(0, 0.06) * self.R.uniform(0.2, 1, len(LABELS))
        means, spread = draw_means(self.R), torch.from_numpy(texture).float()
        spread[0] = 0
        codes = labels.int()
        wide = _field(labels.shape, 12, generator)
        grain = torch.randn(labels.shape, generator=generator) + 0.7 * wide
        return (means[codes] + spread[codes] * grain).clamp(min=0)

    def _sample(self, image: Tensor, brain: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Image and brain on the canvas: pose, size, shear and an elastic warp, interpolated once."""
        rng = self.R
        voxel = rng.uniform(*self.voxel)
        both = torch.stack([image, brain.float()])
        pool = max(1, int(voxel / STEP))  # voxels wider than the map's average over it
        both = F.avg_pool3d(both, pool) if pool > 1 else both
        step = STEP * pool
        middle = torch.stack([_middle(brain, axis) for axis in range(3)]) * STEP
        tilt = rng.uniform(-180, 180, 3) if rng.rand() < 0.03 else rng.uniform(-20, 20, 3)
        matrix = torch.from_numpy(rotation(*tilt) @ (np.diag(rng.uniform(0.92, 1.08, 3)) + rng.normal(0, 0.03, (3, 3))))
        matrix = matrix.float() * (MIRROR if rng.rand() < 0.5 else 1)
        coarse = [math.ceil(n / 6) for n in self.canvas]
        axes = (torch.linspace(-(n - 1) / 2, (n - 1) / 2, k) * voxel for n, k in zip(self.canvas, coarse, strict=True))
        points = torch.stack(torch.meshgrid(*axes, indexing="ij"))
        points = torch.tensordot(matrix, points, dims=1)
        # A brain may lie anywhere in a canvas that holds it.
        room = [max(LOOSE_MM, (n * voxel - WHOLE_MM) / 2) for n in self.canvas]
        points = points + torch.from_numpy(rng.uniform(-1, 1, 3) * room).float().view(3, 1, 1, 1)
        for nodes, largest in ((4, 6.0), (9, 2.0)):
            bend = torch.randn(1, 3, nodes, nodes, nodes, generator=generator) * rng.uniform(0, largest)
            points = points + F.interpolate(bend, size=coarse, mode="trilinear", align_corners=True)[0]
        points = (points + middle.view(3, 1, 1, 1) - (step - STEP) / 2) / step
        spans = torch.tensor([n - 1.0 for n in both.shape[1:]]).view(3, 1, 1, 1)
        grid = F.interpolate((2 * points / spans - 1)[None], size=self.canvas, mode="trilinear", align_corners=True)
        # grid_sample wants the last axis first; beyond the map lies air.
        grid = grid[0].flip(0).permute(1, 2, 3, 0)[None]
        image, brain = F.grid_sample(both[None], grid, align_corners=True, padding_mode="zeros")[0]
        return image, brain

    def _without_face(self, image: Tensor, label: Tensor) -> Tensor:
        """A head without face or neck, by defacing or by its field of view: 0 beyond a plane that spares the brain."""
        if self.R.rand() >= FACELESS:
            return image
        normal = np.array([self.R.normal(0, 0.15), self.R.uniform(-0.5, 1.0), -self.R.uniform(0.1, 1.0)])
        axes = [torch.arange(n, dtype=torch.float32) for n in image.shape]
        terms = [float(v) * a for v, a in zip(normal / np.linalg.norm(normal), axes, strict=True)]
        along = terms[0].view(-1, 1, 1) + terms[1].view(-1, 1) + terms[2]
        inside = along[label > 0.5]
        if not len(inside):
            return image
        voxel = sum(self.voxel) / 2
        return image * (along < float(inside.max()) + self.R.uniform(0, NEAR_MM) / voxel)

    def _scan(self, image: Tensor, generator: torch.Generator) -> Tensor:
        """Blur, thick slices, bias field, gamma and noise."""
        rng = self.R
        shape = image.shape
        size = list(shape)
        if rng.rand() < 0.4:
            size = [max(8, round(n / rng.uniform(1, 1.6))) for n in shape]
        if rng.rand() < 0.35:
            axis = rng.randint(3)
            size[axis] = max(8, round(shape[axis] / rng.uniform(1.5, 5)))
        if size != list(shape):
            image = F.interpolate(image[None, None], size=size, mode="area")
            image = F.interpolate(image, size=shape, mode="trilinear")[0, 0]
        top = float(image.max()) + 1e-6
        if rng.rand() < 0.5:
            image = top * (image / top) ** math.exp(rng.normal(0, 0.25))
        if rng.rand() < 0.8:
            bias = _field(shape, rng.randint(3, 6), generator)
            image = image * torch.exp(rng.uniform(0, BIAS) * bias)
        if rng.rand() < 0.85:
            noise = top * 10 ** rng.uniform(-2.3, -1.1)
            both = noise * torch.randn(2, *shape, generator=generator)
            noisy = torch.hypot(image + both[0], both[1])
            image = torch.where(image > 0, noisy, 0) if rng.rand() < 0.3 else noisy  # often the air is masked
        return image

    def _cut(self, image: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
        """A field of view that ends in the neck, at the vertex, in the brain's middle, or is a slab."""
        rng = self.R
        inside = torch.ones_like(image)
        if rng.rand() < 0.45:
            for _ in range(rng.randint(1, 3)):
                axis = (2, 2, 2, 0, 1)[rng.randint(5)]
                n = image.shape[axis]
                kind = rng.rand()
                low, high = 0, n
                if kind < 0.5:
                    low = int(rng.uniform(0, 0.45) * n)  # below, most often in the neck or face
                elif kind < 0.85:
                    high = n - int(rng.uniform(0, 0.4) * n)
                else:
                    low = int(rng.uniform(0.1, 0.7) * n)
                    high = low + int(rng.uniform(0.12, 0.5) * n)
                keep = torch.zeros(n)
                keep[low:high] = 1
                inside = inside * keep.view([-1 if k == axis else 1 for k in range(3)])
            if float((label * inside).sum()) < 0.15 * float(label.sum()):
                return image, label  # too little brain to learn from
        return image * inside, label * inside


def _middle(brain: Tensor, axis: int) -> Tensor:
    """Middle of the brain's extent along an axis, in voxels."""
    along = brain.amax(dim=[k for k in range(3) if k != axis]).nonzero()[:, 0]
    return (along[0] + along[-1]) / 2


def _field(shape: Sequence[int], nodes: int, generator: torch.Generator) -> Tensor:
    """Smooth random field of about unit variance, from a few nodes along each axis."""
    coarse = torch.randn(1, 1, nodes, nodes, nodes, generator=generator)
    return F.interpolate(coarse, size=tuple(shape), mode="trilinear", align_corners=True)[0, 0]
