"""DICOM: which series of a study is scored, its slices in the order of their positions, and their voxels."""

from .headers import is_dicom
from .series import Series, Study, chosen_series, find_series

__all__ = ["Series", "Study", "chosen_series", "find_series", "is_dicom"]
