"""Newborns by age: sizes, folding and cortex of a head at 28 to 44 weeks, as tables of numbers.

Measured on twelve ALBERTs of 37 to 43 weeks: Gousias et al. 2012, doi:10.1016/j.neuroimage.2012.05.083; Gousias et al.
2013, doi:10.1371/journal.pone.0059990; their tissues by Makropoulos et al. 2016, doi:10.1016/j.neuroimage.2015.10.047.
How sizes change with age was measured on averages of newborns of 30 to 44 weeks (Serag et al. 2012,
NeuroImage 59:2255). How sulci deepen with age was not measured: these two columns are assumed.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch

AGES = (28.0, 44.0)  # weeks after the last menstruation that the tables cover
TERM = (37.0, 44.0)  # ages of a cohort by default, weeks
MEAN_TERM = 40.5  # mean age of the twelve, weeks

# Newborn mm by template mm along x, y and z at the mean age: cerebrum of 78 x 110 x 76 mm. Many were born preterm,
# so the heads are long and narrow.
PROPORTIONS = (0.558, 0.627, 0.602)
SIZE_SD, SHAPE_SD = 0.040, 0.075  # of log size, and of log width; length shrinks by half of what the width grows
HINDBRAIN = (0.90, 0.93, 0.87)  # further shrinking of cerebellum and brain stem to 31 ml

# Share of the size at term along x, y and z; of the depth of the sulci; and of the template's folds.
GROWTH: dict[float, tuple[float, float, float, float, float]] = {
    28.0: (0.74, 0.71, 0.75, 0.25, 0.20),
    30.0: (0.79, 0.77, 0.80, 0.40, 0.35),
    34.0: (0.88, 0.86, 0.88, 0.75, 0.70),
    38.0: (0.97, 0.965, 0.965, 0.95, 0.95),
    40.5: (1.00, 1.00, 1.00, 1.00, 1.00),
    42.0: (1.03, 1.015, 1.025, 1.02, 1.00),
    44.0: (1.06, 1.03, 1.04, 1.05, 1.00),
}


class Growth(NamedTuple):
    """What the age decides.

    Attributes:
        scales: newborn mm by template mm along x, y and z, with the subject's own variation.
        sulcus_depth: share of the depth of the sulci at term.
        folds: share of the template's own folds, 0 to 1.
    """

    scales: tuple[float, float, float]
    sulcus_depth: float
    folds: float


def grow(age: float, generator: torch.Generator) -> Growth:
    """Draw the size and the proportions of a head of some age.

    Args:
        age: weeks after the last menstruation.
        generator: source of randomness, on the CPU.

    Raises:
        ValueError: if the tables do not cover the age.
    """
    if not AGES[0] <= age <= AGES[1]:
        raise ValueError(
            f"age is {age:g} weeks, expected {AGES[0]:g} to {AGES[1]:g} weeks after the last menstruation: give the "
            "age at the scan, not the age since birth."
        )
    x, y, z, depth, folds = (
        float(np.interp(age, list(GROWTH), column)) for column in zip(*GROWTH.values(), strict=True)
    )
    size, shape = torch.randn(2, generator=generator).clamp(-2, 2).tolist()
    size, shape = SIZE_SD * size, SHAPE_SD * shape
    logs = (size + shape, size - 0.5 * shape, size)
    x, y, z = (part * share * math.exp(log) for part, share, log in zip(PROPORTIONS, (x, y, z), logs, strict=True))
    return Growth((x, y, z), depth, folds)
