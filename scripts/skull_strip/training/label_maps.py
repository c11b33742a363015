"""Label maps to train the skull strip on: the template's brain in a random skull, scalp, face and neck.

They show no real head. The brain is the MNI152 tissue maps that nilearn ships, warped at random. Everything around it
comes from smooth random fields that vary more than real heads do, so that a network learns the brain, not the heads of
one scanner (Hoopes et al. 2022, doi:10.1016/j.neuroimage.2022.119474).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from monai.transforms import Transform
from torch import Tensor
from torch.nn import functional as F

from ...phantom.anatomy import CLASSES, FORAMEN, FULL
from ...phantom.head import NEWBORN_SCALE, make_head, smooth_noise
from ...phantom.template import ZONE_STEP, Atlas, load_atlas, sample

SOFT = 9  # number of labels for muscle, gland, mucosa and vessels, of random shape
LABELS = (
    *("air", "csf", "cortex", "deep", "white", "myelin", "skull", "diploe", "fat", "skin"),
    *("eye", "lens", "sinus", "dura", "lesion"),
    *(f"soft_{k}" for k in range(SOFT)),
)
CODE = {name: code for code, name in enumerate(LABELS)}
STEP = 2.0  # mm per voxel of a map, in adult size
LOWS = (-92.0, -134.0, -172.0)  # template mm of the first voxel
SHAPE = (93, 124, 141)
FLUID = {"newborn": (1.0, 6.0), "adult": (0.4, 2.2), "atrophy": (1.5, 6.0)}  # its thickness around the brain, mm
DEEPEST = 22.0  # largest distance from hull to skin, mm: beyond the template's border, that to the hull is not known
_PHANTOM = {"soft_a": "soft_0", "soft_b": "soft_1"}  # classes of the phantom -> their labels, if named differently


class LabelMap(NamedTuple):
    """The labels of a head, enlarged to adult size whatever its age.

    Attributes:
        labels: (1, X, Y, Z) uint8, positions in ``LABELS``; RAS+ axes, ``STEP`` mm.
        brain: (1, X, Y, Z) uint8, 1 in the brain and its fluid above the foramen magnum.
    """

    labels: Tensor
    brain: Tensor


def draw_newborn(atlas: Atlas, generator: torch.Generator) -> LabelMap:
    """Draw a head of the synthetic cohort (``phantom.head.make_head``); everything inside the skull is brain."""
    head = make_head(atlas, generator, STEP * NEWBORN_SCALE, "strong")
    codes = torch.tensor([CODE[_PHANTOM.get(name, name)] for name in CLASSES] + [CODE["air"]], dtype=torch.uint8)
    air = (FULL - head.classes.sum(0, dtype=torch.int32)).clamp(min=0)
    labels = codes[torch.cat([head.classes.int(), air[None]]).argmax(0)]
    return LabelMap(labels[None], (head.brain_mask > FULL // 2)[None].to(torch.uint8))


def draw_surroundings(atlas: Atlas, generator: torch.Generator, thick: bool = False) -> LabelMap:
    """Draw a brain in random surroundings: half of the skulls are an adult's (two tables), half a newborn's (one).

    The brain is everything within the dura, without the sagittal sinus. In a newborn, as in the synthetic cohort, that
    is everything within the skull. An adult's brain is surrounded by a thin layer of fluid, in one of five heads by a
    thick layer. If fluid and bone look alike, the type of skull tells how much fluid to expect.

    Args:
        atlas: the template.
        generator: source of all randomness, on the CPU.
        thick: always an adult's skull, with thicker bone, whose marrow is as dark as its tables in half of the heads.
    """

    def noise(scale: float) -> Tensor:
        """Smooth field of unit variance, drawn on every other voxel."""
        coarse = smooth_noise(tuple((n + 1) // 2 for n in SHAPE), scale / (2 * STEP), generator)
        return F.interpolate(coarse[None, None], size=SHAPE, mode="trilinear", align_corners=True)[0, 0]

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=generator))

    axes = (low + STEP * torch.arange(n) for low, n in zip(LOWS, SHAPE, strict=True))
    x, y, z = torch.meshgrid(*axes, indexing="ij")
    size = [uniform(0.88, 1.12) for _ in range(3)]
    points = torch.stack(
        [v / s + 4.0 * noise(45) + 1.5 * noise(14) for v, s in zip((x, y, z), size, strict=True)],
    )
    hull, _, deep, myelin, _ = sample(atlas.zones, points, ZONE_STEP, atlas.origin)
    adult = uniform(0, 1) < 0.5 or thick
    fluid = FLUID["newborn" if not adult else "atrophy" if uniform(0, 1) < 0.2 else "adult"]

    # Shells, from the inside out, each of a smoothly varying thickness in mm.
    def shell(low: float, high: float, vary: float = 0.35, scale: float = 18) -> Tensor:
        return uniform(low, high) * torch.exp(vary * noise(scale))

    inner = hull - shell(*fluid).clamp(0.3, 9)
    closed = ((z + uniform(15, 45)) / 8 + 1).clamp(0, 1)  # 1 in the vault; the skull base below has holes
    bony = torch.maximum(closed, (noise(8) + uniform(0.3, 1.5)).clamp(0, 1))
    table = inner - bony * shell(1.2, (4.0 if thick else 2.8) if adult else 4.2)
    diploe = table - bony * adult * shell(0.5, 6.0, 0.5)
    bone = diploe - bony * adult * shell(1.0, 2.5)
    muscle = bone - (noise(16) + uniform(-1, 0.5)).clamp(0, 1.5) * uniform(1, 8)
    scalp = torch.maximum(muscle - shell(2.0, 9.0, 0.25), hull - DEEPEST)
    surface = _body(scalp, x, y, z, uniform) + 0.7 * noise(9)

    labels = torch.full(SHAPE, CODE["air"], dtype=torch.uint8)

    def put(region: Tensor, name: str) -> None:
        labels[region] = CODE[name]

    skin = surface + uniform(1.2, 3.0)
    put(surface < 0, "skin")
    put(skin < 0, "fat")
    types = (noise(uniform(4, 9)) * 1.4).round().clamp(-1, 1) + 3 * (noise(uniform(4, 9)) * 1.4).round().clamp(-1, 1)
    soft = skin < -shell(0.5, 6.0)
    soft &= (muscle < 0) | (scalp > 0)
    labels[soft] = (CODE["soft_0"] + 4 + types[soft]).to(torch.uint8)
    outside = bone > 0
    _face(put, outside & (surface < 0), x, y, z, noise, uniform)
    put(bone < 0, "skull")
    if not (thick and uniform(0, 1) < 0.5):
        put(diploe < 0, "diploe")
    put(table < 0, "skull")
    cavity = inner < 0
    put(cavity, "csf")
    put(cavity & (inner > -adult * uniform(-0.5, 1.5)), "dura")  # a newborn's is thinner than a voxel
    _tissue(put, cavity, points, atlas, (hull, deep, myelin), noise, uniform)
    if adult:
        put(cavity & (x.abs() < uniform(2, 7)) & (z > 0) & (hull > 0.3) & (inner > -8), "sinus")
    brain = cavity & (labels != CODE["sinus"]) & (labels != CODE["dura"]) & (points[2] > FORAMEN + 2 * noise(10))
    return LabelMap(labels[None], brain[None].to(torch.uint8))


def _body(scalp: Tensor, x: Tensor, y: Tensor, z: Tensor, uniform: Callable[[float, float], float]) -> Tensor:
    """Distance (mm) to the skin of a head with a face and a neck."""
    centre = (uniform(15, 45), uniform(-78, -50))
    face = (x / uniform(50, 74)) ** 2 + ((y - centre[0]) / uniform(50, 75)) ** 2
    face = ((face + ((z - centre[1]) / uniform(48, 75)) ** 2).sqrt() - 1) * 58
    neck = (x / uniform(34, 64)) ** 2 + ((y + uniform(20, 45) + uniform(0, 0.3) * (z + 80)) / uniform(36, 64)) ** 2
    neck = torch.maximum((neck.sqrt() - 1) * 44, z + 40)
    shoulders = (x / uniform(90, 160)) ** 2 + ((y + 35) / uniform(60, 90)) ** 2 + ((z + uniform(190, 260)) / 70) ** 2
    parts = torch.stack([scalp, face, neck, (shoulders.sqrt() - 1) * 70])
    return -8 * torch.logsumexp(-parts / 8, 0)  # a smooth minimum


def _face(
    put: Callable[[Tensor, str], None],
    region: Tensor,
    x: Tensor,
    y: Tensor,
    z: Tensor,
    noise: Callable[[float], Tensor],
    uniform: Callable[[float, float], float],
) -> None:
    """Add bones, airways and eyes to the soft tissue of the face and neck (``region``)."""
    put(region & (noise(7) > uniform(1.2, 2.2)) & (z < -20), "skull")
    airways = (noise(8) > uniform(1.0, 2.0)) & (x.abs() < 40) & (y > 10) & (z < 5)
    pharynx = (x / uniform(4, 12)) ** 2 + ((y - uniform(-5, 15)) / uniform(4, 10)) ** 2 < 1
    put(region & (airways | (pharynx & (z < -45))), "air")
    across, forward, up, radius = uniform(27, 37), uniform(50, 68), uniform(-44, -28), uniform(10.5, 15)
    off_axis = (x.abs() - across) ** 2 + (z - up) ** 2  # squared distance from the axis of the eye, mm²
    eye = (off_axis + (y - forward) ** 2).sqrt() - radius
    put(region & (eye < uniform(2, 7)), "fat")
    nerve = (x.abs() - across * (0.35 + 0.65 * (y - 5) / (forward - 5))) ** 2 + (z - up) ** 2 < uniform(2, 8)
    put(region & nerve & (y > 5) & (y < forward), "soft_4")
    put(region & (eye < 0), "eye")
    put(region & ((off_axis / 4 + (y - forward - 0.6 * radius) ** 2).sqrt() < uniform(2, 3.5)), "lens")


def _tissue(
    put: Callable[[Tensor, str], None],
    cavity: Tensor,
    points: Tensor,
    atlas: Atlas,
    zones: tuple[Tensor, Tensor, Tensor],
    noise: Callable[[float], Tensor],
    uniform: Callable[[float, float], float],
) -> None:
    """Add grey and white matter, each with two labels, and in half of the heads a lesion."""
    hull, deep, myelin = zones
    grey, white = sample(atlas.tissue, points, 1.0, atlas.origin)
    solid = cavity & (grey + white > uniform(0.35, 0.65))
    pale = grey + 0.15 * noise(6) < white + uniform(-0.15, 0.15)
    put(solid, "cortex")
    put(solid & (deep > 0.5), "deep")
    put(solid & pale, "white")
    put(solid & pale & (myelin + 0.3 * noise(12) > uniform(0.2, 0.8)), "myelin")
    if uniform(0, 1) < 0.5:
        put(cavity & (hull < -3) & (noise(uniform(5, 14)) > uniform(2.0, 3.0)), "lesion")


KINDS: dict[str, Callable[[Atlas, torch.Generator], LabelMap]] = {
    "newborn": draw_newborn,
    "surroundings": draw_surroundings,
    "thick": partial(draw_surroundings, thick=True),
}
"""Kind of a label map -> the function that draws it."""


class DrawLabelMapd(Transform):
    """Draw the label map of an item.

    Without a ``kind``, an even seed gives a newborn of the synthetic cohort, an odd seed a brain in random
    surroundings. A seed always gives the same map: to MONAI this is no random transform, so its datasets may cache it.
    """

    def __init__(self) -> None:
        self.atlas: Atlas | None = None

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """Draw the map.

        Args:
            data: with ``seed`` and perhaps ``kind``, a key of ``KINDS``; an item with a ``head`` passes as it is.

        Returns:
            The item with ``labels`` and ``brain`` of a :class:`LabelMap`.
        """
        if "head" in data:
            return data
        if self.atlas is None:
            self.atlas = load_atlas()
        generator = torch.Generator().manual_seed(int(data["seed"]))
        kind = data.get("kind", "surroundings" if data["seed"] % 2 else "newborn")
        return {**data, **KINDS[kind](self.atlas, generator)._asdict()}
