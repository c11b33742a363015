"""The mid-sagittal plane of a head, in the scanner's space.

All points and directions are in RAS+ mm: x grows to the patient's right, y to anterior, z to superior.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["MidsagittalPlane"]

SHORTEST_NORMAL = 1e-6
"""A normal that is shorter than this has no reliable direction."""

REFLECTION_TOLERANCE = 1e-3
"""Largest error of orthogonality of a 3x3 block that is accepted as a reflection."""


@dataclass(frozen=True)
class MidsagittalPlane:
    """The plane between the left and the right hemisphere of a head.

    Args:
        point: any point of the plane, RAS+ mm.
        normal: direction perpendicular to the plane; it is normalised and made to point to the patient's right.

    Raises:
        ValueError: if a vector is not three finite numbers, or the normal has no length.
    """

    point: tuple[float, float, float]
    normal: tuple[float, float, float]

    def __post_init__(self) -> None:
        point, normal = _vector("point", self.point), _vector("normal", self.normal)
        length = float(np.linalg.norm(normal))
        if length < SHORTEST_NORMAL:
            raise ValueError(f"normal must not be zero, got {normal.tolist()}: pass the left-to-right direction.")
        # A normal perpendicular to x (of a head that lies on its side) keeps its sign.
        normal = normal / (-length if normal[0] < 0 else length)
        object.__setattr__(self, "point", tuple(point.tolist()))
        object.__setattr__(self, "normal", tuple(normal.tolist()))

    @classmethod
    def from_mapping(cls, known: Mapping) -> MidsagittalPlane:
        """Read a plane written as ``{"point": [x, y, z], "normal": [x, y, z]}`` in RAS+ mm.

        Raises:
            ValueError: if ``known`` is not a mapping or lacks one of the two.
        """
        if not isinstance(known, Mapping) or not {"point", "normal"} <= set(known):
            content = sorted(map(str, known)) if isinstance(known, Mapping) else type(known).__name__
            raise ValueError(f"a known plane must be a mapping with 'point' and 'normal' in RAS mm, got {content}.")
        return cls(point=known["point"], normal=known["normal"])

    @classmethod
    def from_reflection(cls, matrix: np.ndarray) -> MidsagittalPlane:
        """Compute the plane from the map of a head onto its mirror image.

        A registration to the mirror image, ``x -> S x + t``, may also include a shift along the plane. The normal is
        the direction that ``S`` reverses, and the plane lies half-way between any point and its image.

        Args:
            matrix: 4x4, RAS+ mm to RAS+ mm.

        Raises:
            ValueError: if ``matrix`` is not 4x4 or its 3x3 block is not orthogonal with determinant -1.
        """
        matrix = np.asarray(matrix, dtype=np.float64)
        if matrix.shape != (4, 4):
            raise ValueError(f"matrix must be 4x4, got shape {matrix.shape}.")
        block = matrix[:3, :3]
        error = float(np.abs(block @ block.T - np.eye(3)).max())
        if error > REFLECTION_TOLERANCE or np.linalg.det(block) > 0:
            raise ValueError(
                "matrix must hold a reflection (orthogonal 3x3 block, determinant -1), "
                f"got determinant {np.linalg.det(block):.3f} and orthogonality error {error:.2g}."
            )
        _, vectors = np.linalg.eigh((block + block.T) / 2)
        return cls(point=tuple(matrix[:3, 3] / 2), normal=tuple(vectors[:, 0]))

    @classmethod
    def mean(cls, planes: Sequence[MidsagittalPlane]) -> MidsagittalPlane:
        """Average planes: the baseline of any detection, which takes the average plane for every head.

        Args:
            planes: at least one, with normals to the patient's right.

        Raises:
            ValueError: if there is none.
        """
        if not planes:
            raise ValueError("there is no mean of zero planes: pass at least one.")
        points, normals = ([getattr(plane, name) for plane in planes] for name in ("point", "normal"))
        return cls(point=tuple(np.mean(points, axis=0)), normal=tuple(np.mean(normals, axis=0)))

    def reflection(self) -> np.ndarray:
        """The 4x4 map of every point onto its mirror image, RAS+ mm."""
        point, normal = np.array(self.point), np.array(self.normal)
        matrix = np.eye(4)
        matrix[:3, :3] -= 2 * np.outer(normal, normal)
        matrix[:3, 3] = 2 * normal * (normal @ point)
        return matrix

    def frame(self) -> np.ndarray:
        """The 4x4 rigid map from the head's own axes to the scanner's, mm.

        In the head's axes, x = 0 is the plane, x grows to the right, and ``point`` is the origin. Of all rotations from
        x to the normal the smallest is used, so that y and z stay as near to the scanner's anterior and superior axes
        as possible: the pitch of the head (nodding) is not corrected.
        """
        matrix = np.eye(4)
        matrix[:3, :3] = smallest_rotation(np.array(self.normal))
        matrix[:3, 3] = self.point
        return matrix

    @property
    def yaw(self) -> float:
        """Turn about the superior axis, degrees; positive if the right side is turned anteriorly."""
        return float(np.degrees(np.arctan2(self.normal[1], self.normal[0])))

    @property
    def roll(self) -> float:
        """Tilt about the anterior axis, degrees; positive if the vertex is tilted to the right."""
        return float(-np.degrees(np.arcsin(np.clip(self.normal[2], -1.0, 1.0))))

    def angle_to(self, other: MidsagittalPlane) -> float:
        """The angle between two planes, degrees, 0 to 90."""
        normal, second = np.array(self.normal), np.array(other.normal)
        # The sine is accurate for small angles, for which the cosine is not.
        return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(normal, second)), abs(normal @ second))))

    def distance_to(self, point: Sequence[float] | np.ndarray) -> float:
        """The signed distance of a point from the plane, mm; positive on the patient's right."""
        return float((_vector("point", point) - np.array(self.point)) @ np.array(self.normal))

    def mapped(self, matrix: np.ndarray) -> MidsagittalPlane:
        """The plane after a rigid motion or a reflection.

        Args:
            matrix: 4x4 rigid (or reflecting) map, RAS+ mm to RAS+ mm.
        """
        matrix = np.asarray(matrix, dtype=np.float64)
        point = matrix[:3, :3] @ np.array(self.point) + matrix[:3, 3]
        return MidsagittalPlane(point=tuple(point), normal=tuple(matrix[:3, :3] @ np.array(self.normal)))


def smallest_rotation(normal: np.ndarray) -> np.ndarray:
    """Return the 3x3 rotation by the smallest angle from the x axis to a unit vector.

    Rodrigues' formula about the axis ``x cross normal``. It is mirror-symmetric: the mirrored normal gives the mirrored
    rotation.
    """
    cosine = float(normal[0])
    if cosine < -1 + SHORTEST_NORMAL:
        return np.diag([-1.0, -1.0, 1.0])
    cross = np.array([[0.0, -normal[1], -normal[2]], [normal[1], 0.0, 0.0], [normal[2], 0.0, 0.0]])
    return np.eye(3) + cross + cross @ cross / (1.0 + cosine)


def _vector(name: str, value: Sequence[float] | np.ndarray) -> np.ndarray:
    vector = np.asarray(value, dtype=np.float64).reshape(-1)
    if vector.shape != (3,) or not np.isfinite(vector).all():
        raise ValueError(f"{name} must be three finite numbers in RAS mm, got {vector.tolist()}.")
    return vector
