"""Heads of a known shape for the tests: quick, small, and with their ground truth.

A head is drawn by formulas in its own axes (mm, x to the patient's right, 0 on the mid-sagittal plane). Its brain has
white matter, folded cortex, ventricles, deep nuclei and an interhemispheric fissure, all exactly symmetric. Around it
are CSF, a dark skull, a bright scalp, eyes and a neck. It can be tilted, have natural asymmetry and a lesion on one
side, and be written on any grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from monai.data import MetaTensor

from scripts.midline.plane import MidsagittalPlane

CONTRASTS = {
    "T1": {"air": 0.0, "scalp": 0.85, "skull": 0.08, "csf": 0.2, "grey": 0.6, "white": 0.9, "neck": 0.5},
    "T2": {"air": 0.0, "scalp": 0.55, "skull": 0.08, "csf": 1.0, "grey": 0.5, "white": 0.7, "neck": 0.3},
    "odd": {"air": 0.0, "scalp": 1.0, "skull": 0.05, "csf": 0.35, "grey": 0.65, "white": 0.4, "neck": 0.6},
}
"""Mean intensities; the T2 row is that of a newborn: bright fluid, white matter brighter than grey."""

ORIENTATIONS = {
    "RAS": np.diag([1.0, 1.0, 1.0]),
    "LAS": np.diag([-1.0, 1.0, 1.0]),
    "LPS": np.diag([-1.0, -1.0, 1.0]),
    "AIR": np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]),
}
"""Directions of the voxel axes, as columns, in RAS+."""


@dataclass(frozen=True)
class Head:
    """A head and its ground truth.

    Attributes:
        image: (1, X, Y, Z) MetaTensor.
        mask: (1, X, Y, Z) uint8, the brain with its inner and outer fluid.
        lesion: (1, X, Y, Z) uint8.
        plane: the mid-sagittal plane, RAS+ mm.
    """

    image: MetaTensor
    mask: torch.Tensor
    lesion: torch.Tensor
    plane: MidsagittalPlane

    @property
    def brain(self) -> MetaTensor:
        """The image, exactly 0 outside the brain."""
        return self.image * self.mask


def turn(yaw: float = 0.0, roll: float = 0.0, pitch: float = 0.0) -> np.ndarray:
    """Return the 3x3 rotation by pitch about R, then roll about A, then yaw about S, degrees."""
    y, r, p = np.radians([yaw, roll, pitch])
    about_z = np.array([[np.cos(y), -np.sin(y), 0], [np.sin(y), np.cos(y), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(r), 0, np.sin(r)], [0, 1, 0], [-np.sin(r), 0, np.cos(r)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    return about_z @ about_y @ about_x


def make_head(
    orientation: str = "RAS",
    yaw: float = 0.0,
    roll: float = 0.0,
    pitch: float = 0.0,
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0),
    contrast: str = "T2",
    voxel: tuple[float, float, float] = (3.0, 3.0, 3.0),
    lesion: str = "",
    asymmetry: float = 0.0,
    noise: float = 0.0,
    oblique: float = 0.0,
    scale: float = 1.0,
    seed: int = 0,
) -> Head:
    """Draw a head of a newborn's size (the brain has about 450 ml at scale 1).

    Args:
        orientation: a key of :data:`ORIENTATIONS`.
        yaw: turn of the head about S, degrees.
        roll: turn about A, degrees.
        pitch: turn about R, degrees.
        shift: of the head's centre, RAS+ mm.
        contrast: a key of :data:`CONTRASTS`.
        voxel: size along right, anterior and superior, mm.
        lesion: "left", "right" or "".
        asymmetry: share by which the right is larger anteriorly and the left posteriorly (0.03 is natural).
        noise: standard deviation, as a share of the brightest tissue.
        oblique: turn of the scanner's grid about S, degrees.
        scale: of all lengths.
        seed: of the noise.
    """
    rotation = turn(yaw, roll, pitch)
    step = np.array(voxel)
    size = (2 * np.ceil(np.array([72.0, 84.0, 84.0]) * scale / step)).astype(int) + np.array([1, 2, 0])
    ras_axes = turn(yaw=oblique)
    affine = np.eye(4)
    affine[:3, :3] = ras_axes * step
    affine[:3, 3] = -affine[:3, :3] @ ((size - 1) / 2)
    index = np.stack(np.meshgrid(*(np.arange(n) for n in size), indexing="ij"), -1)
    world = index @ affine[:3, :3].T + affine[:3, 3]
    own = ((world - np.array(shift)) @ rotation / scale).astype(np.float32)
    labels, mask, blob = _draw(own, lesion, asymmetry)
    table = CONTRASTS[contrast]
    image = sum(table[name] * share for name, share in labels.items())
    image = image * (1 - 0.5 * blob)
    if noise:
        draw = np.random.default_rng(seed).normal(0, noise, (2, *image.shape))
        image = np.hypot(image + draw[0], draw[1])
    plane = MidsagittalPlane(shift, tuple(rotation[:, 0]))

    axes = ORIENTATIONS[orientation]
    order = [int(np.abs(axes[:, i]).argmax()) for i in range(3)]
    flips = [i for i in range(3) if axes[order[i], i] < 0]
    to_ras = np.eye(4)
    to_ras[:3, :3] = axes
    for i in flips:
        to_ras[order[i], 3] = size[order[i]] - 1

    def on_grid(array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(np.flip(array.transpose(order), flips)))[None]

    return Head(
        image=MetaTensor(on_grid(image.astype(np.float32)), affine=torch.as_tensor(affine @ to_ras)),
        mask=on_grid(mask.astype(np.uint8)),
        lesion=on_grid((blob * mask > 0.5).astype(np.uint8)),
        plane=plane,
    )


def _draw(own: np.ndarray, lesion: str, asymmetry: float) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Shares of each tissue, the brain mask and the lesion at points in the head's own axes, mm."""
    x, y, z = own[..., 0], own[..., 1], own[..., 2]
    # Torque: the right is larger anteriorly, the left posteriorly.
    stretch = 1 + asymmetry * np.tanh(x / 15) * np.tanh(y / 25)
    u, v, w = x / stretch, y, z
    a = np.abs(u)

    def ball(centre: tuple, radii: tuple) -> np.ndarray:
        return np.sqrt(sum(((p - c) / r) ** 2 for p, c, r in zip((a, v, w), centre, radii, strict=True)))

    def soft(distance: np.ndarray, width: float = 1.5) -> np.ndarray:
        return np.clip(0.5 - distance / (2 * width), 0, 1)

    outer = (ball((0, 0, 0), (43, 55, 42)) - 1) * 46
    folds = 1.6 * np.sin(v / 3.4 + 0.6 * np.sin(w / 5)) * np.sin(w / 3.9) + np.sin(a / 2.9 + v / 6)
    brain = soft(outer)
    pial = soft(outer + 2.5 + np.maximum(folds, 0))
    white = soft(outer + 7 + 2 * folds) * (1 - soft(a - 1.5 - 2 * (w > 10)))
    nuclei = soft((ball((14, 2, 0), (7, 13, 9)) - 1) * 9)
    ventricle = soft((ball((8, -4, 8), (4, 20, 6)) - 1) * 5)
    fissure = soft(a - 0.8) * (w > 5)
    fluid = np.clip(np.maximum.reduce([ventricle, fissure]), 0, 1)
    white = white * (1 - nuclei) * (1 - fluid) * pial
    grey = np.clip(pial * (1 - fluid) - white, 0, 1)
    csf = np.clip(brain - white - grey, 0, 1)
    skull_in, skull_out, skin = soft(outer), soft(outer - 3.5), soft(outer - 7.5)
    neck = soft((np.sqrt((u / 30) ** 2 + ((v + 12) / 32) ** 2) - 1) * 30) * (w < -25) * (1 - skull_out)
    eye = soft((ball((17, 54, -22), (10, 10, 10)) - 1) * 10) * (1 - skull_out)
    outside = np.clip(skin - skull_out, 0, 1)
    neck = neck * (1 - outside)
    eye = eye * (1 - outside) * (1 - neck)
    labels = {
        "white": white,
        "grey": grey,
        "csf": csf + eye,
        "skull": skull_out - skull_in,
        "scalp": outside,
        "neck": neck,
    }
    blob = np.zeros_like(x)
    if lesion:
        side = {"left": -1.0, "right": 1.0}[lesion]
        blob = soft((np.sqrt(((x - side * 24) / 9) ** 2 + ((y + 12) / 11) ** 2 + ((z - 8) / 9) ** 2) - 1) * 9)
    return labels, brain > 0.5, blob
