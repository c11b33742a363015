"""A synthetic newborn's head: size, shape, folds and shells of one subject, with a natural asymmetry."""

from __future__ import annotations

import torch
from torch import Tensor

from .anatomy import Head, paint
from .template import ZONE_STEP, Atlas, sample

# Natural asymmetry: share of the folding that each hemisphere has for itself; standard deviation in mm of its own warp,
# at scales of 7 and 3 mm.
ASYMMETRY: dict[str, tuple[float, float, float]] = {
    "none": (0.0, 0.0, 0.0),
    "mild": (0.7, 0.45, 0.65),
    "mid": (1.0, 0.8, 1.2),
    "strong": (1.0, 1.7, 1.8),
}
REACH = ((-62.0, 62.0), (-70.0, 72.0), (-74.0, 64.0))  # x, y, z in the head frame, mm: includes the head and some neck
COARSE = 2.0  # approximate distance of the nodes of the smooth fields, mm
CENTRE = (0.0, -15.0, 5.0)  # origin of the head frame, in template mm
NEWBORN_SCALE = 105.0 / 180.0  # brain length at term, as a share of the template's


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


def make_head(atlas: Atlas, generator: torch.Generator, spacing: float = 0.7, asymmetry: str = "mid") -> Head:
    """Draw one subject: every shape is a smooth random field on a coarse grid; the anatomy follows on a fine grid.

    Args:
        atlas: the template.
        generator: source of all randomness, on the CPU.
        spacing: voxel size of the fine grid, mm.
        asymmetry: level of natural asymmetry, a key of ``ASYMMETRY``.

    Returns:
        The head in its own frame: RAS+ mm, x = 0 is the mid-sagittal plane.
    """
    own, warp_wide, warp_fine = ASYMMETRY[asymmetry]
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

    # 1. From the head to the template: size, proportions, a warp shared by both hemispheres, and one of their own.
    scale = NEWBORN_SCALE * uniform(0.92, 1.08)
    scales = (scale * uniform(1.0, 1.1), scale, scale * uniform(0.96, 1.06))
    common, points = [], []
    for axis, values in enumerate((x, y, z)):
        shared = 2.0 * noise(26) + 0.5 * noise(12)
        if axis == 0:
            shared = shared * outwards
        moved = values + shared
        common.append(moved / scales[axis] + CENTRE[axis])
        moved = moved + lateral * (warp_wide * noise(7, 1.0) + warp_fine * noise(3, 1.0))
        points.append(moved / scales[axis] + CENTRE[axis])
    hull = scale * sample(atlas.zones[:1], torch.stack(common), ZONE_STEP, atlas.origin)[0]
    zones = sample(atlas.zones[1:], torch.stack(points), ZONE_STEP, atlas.origin)
    fields = dict(zip(("mantle", "deep", "myelin", "fissure"), zones, strict=True))
    fields |= dict(zip(("template_x", "template_y", "template_z"), points, strict=True))

    # 2. Folding: sulci are where a random field is 0, which is nearly constant along the normal of the hull.
    gradient = torch.stack(torch.gradient(hull, spacing=step))
    gradient = gradient / gradient.norm(dim=0).clamp(min=0.5)
    outermost = torch.stack([x, y, z]) - 0.65 * hull.clamp(-16, 2) * gradient
    # Along x the shared part of a displacement is odd, so that sulci meander symmetrically.
    meander = 1.4 * torch.stack([torch.sign(x) * noise(3.5, own), noise(3.5, own), noise(3.5, own)])
    wave = sample((noise(3.6, own) - 0.6 * noise(7, own))[None], outermost + meander, step, lows)[0]
    slope = torch.stack(torch.gradient(wave, spacing=step)).norm(dim=0)
    fields |= {
        "hull": hull,
        "wave": wave,
        "slope": slope.clamp(min=0.25 * float(slope.mean())),
        "sulcus_depth": 9 + 3 * noise(8, own),
        "sulcus_width": (0.25 + 0.35 * noise(5, own)).clamp(max=0.7),
        "thickness": 1.5 + 0.2 * noise(6, own),
    }

    # 3. Shells: outer CSF, one thin skull table, fat, skin; face and neck below.
    inner = hull - (2.2 + 0.7 * noise(14, 0.2 * own)).clamp(0.7, 4.5)
    bone = inner - (1.5 + 0.25 * noise(12)).clamp(0.8, 2.4)
    scalp = bone - (3.0 + 0.5 * noise(14, 0.1)).clamp(2.0, 5.0)
    neck = ((x / uniform(21, 26)) ** 2 + ((y + 16 + 0.18 * (z + 45)) / uniform(22, 27)) ** 2).sqrt() * 24 - 24
    face = (x / uniform(31, 36)) ** 2 + ((y - 20) / uniform(33, 38)) ** 2 + ((z + 34) / uniform(30, 34)) ** 2
    surface = _smooth_min(scalp, (face.sqrt() - 1) * 33, 8)
    surface = _smooth_min(surface, torch.maximum(neck, z + 22), 8) + 0.25 * noise(6)
    # Air at the sides and the top of the grid: scans may reach beyond it, where the value at the border counts.
    for wall in (x.abs() + lows[0], lows[1] - y, y - y.max(), z - z.max()):
        surface = torch.maximum(surface, wall + step)
    eye, lens = _eyes(x, y, z, (uniform(18, 21), uniform(42, 45), uniform(-27, -23)), uniform(7.5, 8.5))
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
        "texture_wide": noise(6, 0.7),
    }
    return paint(atlas, fields, lows, finer, spacing)


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
