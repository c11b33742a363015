"""A random image made from a label map or a real head, to train on: any resolution, field of view, pose, artefact."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.transforms import MapTransform, RandomizableTransform
from torch import Tensor
from torch.nn import functional as F

from ...blur import blur
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
SOFT_MEAN, SOFT_SD = 0.42, 0.14  # intensity of the soft tissue of face and neck, in every row
ROWS = (0.42, 0.08, 0.42, 0.08)  # probability of each row: dark fluid beside dark bone (T1) is harder to see
RANDOM = 0.25  # share of images whose labels have random means, of no row
JITTER = 0.06  # standard deviation of a row's means from image to image
BIAS = 0.8  # largest standard deviation of the logarithm of a bias field
STRIPPED = 0.1  # share of images of a stripped brain
LOOSE = 0.15  # share of images of a brain that was cut out with a rim of what surrounds it
SHIFT_MM = 14.0  # the brain's centre is shifted from the canvas's centre by up to this along each axis, or more
FACELESS = 0.35  # share of images without face and neck: they end at a plane below or in front of the brain
FACELESS_MM = 22.0  # largest distance of that plane from the brain
BRAIN_MM = 200.0  # length of an adult's brain, with some skull
MIRROR = torch.tensor([-1.0, 1.0, 1.0])


def draw_means(rng: np.random.RandomState) -> Tensor:
    """Draw the mean intensity (len(LABELS),) of every label, in [0, 1]."""
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
    """Make a random image and its target, on a small canvas, from a label map in any contrast or from a real head.

    An item with an ``image_seed`` gives the same image every time: for validation.

    Args:
        labels: key of the labels (1, X, Y, Z) uint8. An item with a ``head`` (1, X, Y, Z) needs none.
        brain: key of the brain (1, X, Y, Z) uint8.
        canvas: number of voxels of the image along each axis.
        voxel: least and largest voxel size, in mm of an adult-sized head.

    Attributes:
        canvas, voxel: as above; a handler may set them before every batch.
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
        """Make the image.

        Returns:
            ``image`` (1, *canvas) in [0, 1] and ``label`` (1, *canvas), the share of brain in every voxel.
        """
        if "image_seed" in data:
            self.set_random_state(seed=int(data["image_seed"]))
        generator = torch.Generator().manual_seed(int(self.R.randint(2**31)))
        brain = torch.as_tensor(data["brain"])[0]
        real = "head" in data
        head = torch.as_tensor(data["head"])[0] if real else self._paint(torch.as_tensor(data["labels"])[0], generator)
        image, label = self._sample(head, brain, generator)
        if self.R.rand() < STRIPPED:
            # Skull strips differ: the edge is anywhere within a voxel, and it is sharp.
            label = (label > self.R.uniform(0.2, 0.8)).float()
            image = image * label
        elif not real and self.R.rand() < LOOSE:
            image = image * self._loose(label, generator)
        image = self._scan(self._without_face(image, label), generator)
        image, label = self._cut(image, label)
        return {"image": normalize(image)[None], "label": label[None]}

    def _loose(self, label: Tensor, generator: torch.Generator) -> Tensor:
        """The brain with a rim of uneven thickness (X, Y, Z), as a careless skull strip leaves it."""
        near = blur(label, self.R.uniform(1.5, 3), axes=[0, 1, 2]) + 0.1 * _field(label.shape, 8, generator)
        return ((near > self.R.uniform(0.05, 0.3)) | (label > 0.5)).float()

    def _paint(self, labels: Tensor, generator: torch.Generator) -> Tensor:
        """Intensities (X, Y, Z) of a label map; every label has its own mean and texture."""
        texture = self.R.uniform(0, 0.06) * self.R.uniform(0.2, 1, len(LABELS))
        means, spread = draw_means(self.R), torch.from_numpy(texture).float()
        spread[0] = 0
        codes = labels.int()
        smooth = _field(labels.shape, 12, generator)
        grain = torch.randn(labels.shape, generator=generator) + 0.7 * smooth
        return (means[codes] + spread[codes] * grain).clamp(min=0)

    def _sample(self, image: Tensor, brain: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Image and brain on the canvas, with a random pose, size, shear and elastic warp, interpolated once."""
        rng = self.R
        voxel = rng.uniform(*self.voxel)
        both = torch.stack([image, brain.float()])
        pool = max(1, int(voxel / STEP))  # voxels larger than the map's are averages of it
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
        # The brain may be anywhere in a canvas that is larger than it.
        room = [max(SHIFT_MM, (n * voxel - BRAIN_MM) / 2) for n in self.canvas]
        points = points + torch.from_numpy(rng.uniform(-1, 1, 3) * room).float().view(3, 1, 1, 1)
        for nodes, largest in ((4, 6.0), (9, 2.0)):
            bend = torch.randn(1, 3, nodes, nodes, nodes, generator=generator) * rng.uniform(0, largest)
            points = points + F.interpolate(bend, size=coarse, mode="trilinear", align_corners=True)[0]
        points = (points + middle.view(3, 1, 1, 1) - (step - STEP) / 2) / step
        spans = torch.tensor([n - 1.0 for n in both.shape[1:]]).view(3, 1, 1, 1)
        grid = F.interpolate((2 * points / spans - 1)[None], size=self.canvas, mode="trilinear", align_corners=True)
        # grid_sample wants the last axis first; beyond the map there is air.
        grid = grid[0].flip(0).permute(1, 2, 3, 0)[None]
        image, brain = F.grid_sample(both[None], grid, align_corners=True, padding_mode="zeros")[0]
        return image, brain

    def _without_face(self, image: Tensor, label: Tensor) -> Tensor:
        """A head without face or neck, as after defacing: 0 beyond a plane that does not cut the brain."""
        if self.R.rand() >= FACELESS:
            return image
        normal = np.array([self.R.normal(0, 0.15), self.R.uniform(-0.5, 1.0), -self.R.uniform(0.1, 1.0)])
        axes = [torch.arange(n, dtype=torch.float32) for n in image.shape]
        terms = [float(v) * a for v, a in zip(normal / np.linalg.norm(normal), axes, strict=True)]
        distance = terms[0].view(-1, 1, 1) + terms[1].view(-1, 1) + terms[2]
        of_brain = distance[label > 0.5]
        if not len(of_brain):
            return image
        voxel = sum(self.voxel) / 2
        return image * (distance < float(of_brain.max()) + self.R.uniform(0, FACELESS_MM) / voxel)

    def _scan(self, image: Tensor, generator: torch.Generator) -> Tensor:
        """The image with random blur, thick slices, bias field, gamma and noise."""
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
            real, imaginary = noise * torch.randn(2, *shape, generator=generator)
            noisy = torch.hypot(image + real, imaginary)
            image = torch.where(image > 0, noisy, 0) if rng.rand() < 0.3 else noisy  # in some scans the air is masked
        return image

    def _cut(self, image: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
        """The image with a random field of view: cut in the neck, in the brain or below the vertex, or a slab."""
        rng = self.R
        inside = torch.ones_like(image)
        if rng.rand() < 0.45:
            for _ in range(rng.randint(1, 3)):
                axis = (2, 2, 2, 0, 1)[rng.randint(5)]
                n = image.shape[axis]
                position = rng.rand()
                low, high = 0, n
                if position < 0.5:
                    low = int(rng.uniform(0, 0.45) * n)  # from below, most often in the neck or face
                elif position < 0.85:
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
