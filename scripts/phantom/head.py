"""A synthetic newborn's head: size, shape, folds and shells of one subject, with a natural asymmetry."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from .anatomy import Folds, Head, paint
from .folding import hindbrain_shrunk, sulci
from .growth import MEAN_TERM, grow
from .template import ZONE_STEP, Atlas, sample


class Asymmetry(NamedTuple):
    """How much each hemisphere has for itself.

    Attributes:
        folds: share of the folding.
        wide: standard deviation of its own warp at a scale of 14 mm, mm.
        fine: the same at a scale of 3 mm.
        volumes: by how much the differences of the volumes are those of newborns, 1: exactly.
    """

    folds: float
    wide: float
    fine: float
    volumes: float


# Natural asymmetry; "mid" aims at that of twelve newborns (see ``growth``).
ASYMMETRY: dict[str, Asymmetry] = {
    "none": Asymmetry(0.0, 0.0, 0.0, 0.0),
    "mild": Asymmetry(0.6, 0.2, 0.45, 0.5),
    "mid": Asymmetry(0.85, 0.25, 0.8, 1.0),
    "strong": Asymmetry(1.0, 1.2, 1.4, 2.0),
}
# Half the difference left minus right at level "mid", mean and standard deviation: share of the width, and shift of
# the wall of the lateral ventricles in mm. With the warps above, they aim at newborns' asymmetry of the volumes,
# (left - right) / (left + right): +0.6 % (0.5) of the cerebrum, -7 % (12) of the lateral ventricles.
WIDTH_DIFFERENCE = (0.002, 0.001)
WALL_DIFFERENCE = (-0.10, 0.20)
VENTRICLE_WALL = (1.4, 0.35)  # shift of the wall outwards, mm: mean and standard deviation over subjects
SULCUS_DEPTH = 12.0  # depth of the subject's own sulci at term, mm
SULCUS_WIDTH = -0.15  # half the width of their fluid, mm; below 0 they are closed
THICKNESS = 1.20  # of the cortex, mm; with its soft borders, volume by inner surface is near the 1.96 mm of newborns
REACH = ((-60.0, 60.0), (-74.0, 76.0), (-70.0, 64.0))  # x, y, z in the head frame, mm: includes the head and some neck
COARSE = 2.0  # approximate distance of the nodes of the smooth fields, mm
CENTRE = (0.0, -15.0, 5.0)  # origin of the head frame, in template mm
NEWBORN_SCALE = 105.0 / 180.0  # size of a brain at term, roughly, as a share of the template's


def smooth_noise(shape: tuple[int, ...], sigma: float, generator: torch.Generator, own: float = 1.0) -> Tensor:
    """Draw a Gaussian random field of unit variance, partly mirror-symmetric about the middle of its first axis.

    Args:
        shape: (X, Y, Z).
        sigma: standard deviation, in voxels, of the kernel that smooths white noise into the field.
        generator: source of randomness, on the CPU.
        own: share of the amplitude that each hemisphere has for itself; 0 is exactly symmetric, 1 independent.

    Returns:
        (X, Y, Z) field.
    """
    power = torch.zeros(())
    for axis, n in enumerate(shape):
        frequency = torch.fft.rfftfreq(n) if axis == 2 else torch.fft.fftfreq(n)
        power = power + frequency.view([-1 if k == axis else 1 for k in range(3)]) ** 2
    kernel = torch.exp(-2 * (torch.pi * sigma) ** 2 * power)

    def draw() -> Tensor:
        white = torch.randn(shape, generator=generator)
        field = torch.fft.irfftn(torch.fft.rfftn(white) * kernel, s=shape)
        return field / field.std()

    if own == 1:
        return draw()
    shared = draw()
    # A field plus its mirror image has more variance near the midline, where the two are equal: undo that.
    distance = torch.arange(shape[0]) - (shape[0] - 1) / 2
    shared = (shared + shared.flip(0)) / (2 + 2 * torch.exp(-((distance / sigma) ** 2))).sqrt().view(-1, 1, 1)
    return shared if own == 0 else (1 - own**2) ** 0.5 * shared + own * draw()


def make_head(
    atlas: Atlas, generator: torch.Generator, spacing: float = 0.7, asymmetry: str = "mid", age: float = MEAN_TERM
) -> Head:
    """Draw one subject: every shape is a smooth random field on a coarse grid; the anatomy follows on a fine grid.

    Args:
        atlas: the template.
        generator: source of all randomness, on the CPU.
        spacing: voxel size of the fine grid, mm.
        asymmetry: level of natural asymmetry, a key of ``ASYMMETRY``.
        age: at the scan, weeks after the last menstruation, 28 to 44.

    Returns:
        The head in its own frame: RAS+ mm, x = 0 is the mid-sagittal plane.
    """
    own, warp_wide, warp_fine, volumes = ASYMMETRY[asymmetry]
    finer = max(1, round(COARSE / spacing))
    step = finer * spacing
    nodes = int(REACH[0][1] / step)  # on either side of the midline
    # With a node on the midline, so that the grid is its own mirror image.
    lows = (-nodes * step, REACH[1][0], REACH[2][0])
    shape = (2 * nodes + 1, *(int((high - low) / step) + 1 for low, high in REACH[1:]))
    x, y, z = torch.meshgrid(*(low + step * torch.arange(n) for low, n in zip(lows, shape, strict=True)), indexing="ij")
    lateral = (x.abs() / 9).clamp(max=1)
    lateral = lateral * lateral * (3 - 2 * lateral)  # 0 on the midline, where the hemispheres must meet
    outwards = (x / 30).clamp(-1, 1)  # mirror images move in opposite directions along x; a steeper slope would fold

    def noise(scale: float, own_share: float = 0.0) -> Tensor:
        return smooth_noise(shape, scale / step, generator, own_share)

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=generator))

    def normal(mean: float, deviation: float) -> float:
        return mean + deviation * max(-2.0, min(2.0, float(torch.randn((), generator=generator))))

    # 1. From the head to the template: size, proportions, a warp shared by both hemispheres, and one of their own.
    growth = grow(age, generator)
    scale = float(torch.tensor(growth.scales).log().mean().exp())
    wider = volumes * normal(*WIDTH_DIFFERENCE)
    common, points = [], []
    for axis, values in enumerate((x, y, z)):
        shared = 1.6 * noise(26) + 0.5 * noise(12)
        if axis == 0:
            shared = shared * outwards
        moved = values + shared
        common.append(moved / growth.scales[axis] + CENTRE[axis])
        moved = moved + lateral * (warp_wide * noise(14, 1.0) + warp_fine * noise(3, 1.0))
        if axis == 0:
            moved = moved * (1 + wider * torch.sign(x))  # the left is wider
        points.append(moved / growth.scales[axis] + CENTRE[axis])
    hull = scale * sample(atlas.zones[:1], hindbrain_shrunk(torch.stack(common)), ZONE_STEP, atlas.origin)[0]
    inside = hindbrain_shrunk(torch.stack(points))
    zones = sample(torch.cat([atlas.zones[1:], atlas.inside]), inside, ZONE_STEP, atlas.origin)
    fields = dict(zip(("mantle", "deep", "myelin", "fissure", "ventricle", "hindbrain"), zones, strict=True))
    fields |= dict(zip(("template_x", "template_y", "template_z"), inside, strict=True))
    wall = normal(*VENTRICLE_WALL) - torch.sign(x) * volumes * normal(*WALL_DIFFERENCE)
    fields["ventricle"] = scale * fields["ventricle"] - wall

    # 2. Folding: the subject's own sulci, beside those of the template.
    fields |= {
        "hull": hull,
        "sulcus": sulci(hull, (x, y, z), step, lows, own, noise),
        "sulcus_depth": growth.sulcus_depth * (SULCUS_DEPTH + 4 * noise(8, own)),
        "sulcus_width": SULCUS_WIDTH + 0.3 * noise(5, own),
        "thickness": THICKNESS + 0.12 * noise(6, own),
    }

    # 3. Shells: outer CSF, one thin skull table, fat, skin; face and neck below.
    inner = hull - (2.4 + 0.6 * noise(14, 0.1 * own)).clamp(0.7, 4.5)
    bone = inner - (1.5 + 0.25 * noise(12)).clamp(0.8, 2.4)
    scalp = bone - (3.0 + 0.5 * noise(14, 0.1)).clamp(2.0, 5.0)
    neck = ((x / uniform(21, 26)) ** 2 + ((y + 16 + 0.18 * (z + 45)) / uniform(22, 27)) ** 2).sqrt() * 24 - 24
    face = (x / uniform(31, 36)) ** 2 + ((y - 20) / uniform(33, 38)) ** 2 + ((z + 34) / uniform(30, 34)) ** 2
    surface = _smooth_min(scalp, (face.sqrt() - 1) * 33, 8)
    surface = _smooth_min(surface, torch.maximum(neck, z + 22), 8) + 0.25 * noise(6)
    # Air at the sides and the top of the grid: scans may reach beyond it, where the value at the border counts.
    for wall in (x.abs() + lows[0], lows[1] - y, y - y.max(), z - z.max()):
        surface = torch.maximum(surface, wall + step)
    eye, lens = _eyes(x, y, z, (uniform(18, 21), uniform(44, 47), uniform(-27, -23)), uniform(7.5, 8.5))
    fields |= {
        "inner": inner,
        "bone": bone,
        "surface": surface,
        "eye": eye,
        "lens": lens,
        "fat_depth": (2.7 + 0.5 * noise(8)).clamp(1.5, 4.5),
        "muscle": noise(3.5, 0.4),
        "fat_planes": noise(2.5, 0.5),
        "texture_fine": noise(1.2, 1.0),
        "texture_wide": noise(6, 0.4),
    }
    return paint(atlas, fields, lows, finer, spacing, age, Folds(growth.folds, scale))


def _smooth_min(a: Tensor, b: Tensor, width: float) -> Tensor:
    """Smooth minimum of two distances; the transition is ``width`` mm wide."""
    blend = (0.5 + 0.5 * (b - a) / width).clamp(0, 1)
    return b + (a - b) * blend - width * blend * (1 - blend)


def _eyes(x: Tensor, y: Tensor, z: Tensor, centre: tuple[float, float, float], radius: float) -> tuple[Tensor, Tensor]:
    """Distances (mm) to both eyeballs and to their lenses; ``centre`` is that of the right eye."""
    across = (x.abs() - centre[0]) ** 2 + (z - centre[2]) ** 2
    ball = (across + (y - centre[1]) ** 2).sqrt() - radius
    lens = ((across / 2.2) + (y - centre[1] - 0.62 * radius) ** 2).sqrt() - 1.6
    return ball, lens
