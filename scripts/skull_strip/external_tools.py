"""Skull strips of other projects, each used if it is installed: their code, their weights, their licences."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


class Peer(NamedTuple):
    """One project.

    Attributes:
        package: what to install with pip.
        module: what it is imported as.
        source: where it is described.
        run: reads a head from the first path, writes its mask to the second.
    """

    package: str
    module: str
    source: str
    run: Callable[[Path, Path], None]


def _deepbet(head: Path, mask: Path) -> None:
    from deepbet import run_bet

    run_bet([str(head)], mask_paths=[str(mask)], no_gpu=not torch.cuda.is_available(), skip_broken=False)


def _hd_bet(head: Path, mask: Path) -> None:
    out = mask.with_name("brain.nii.gz")
    device = [] if torch.cuda.is_available() else ["-device", "cpu", "--disable_tta"]
    _command("hd-bet", "-i", str(head), "-o", str(out), "--save_bet_mask", *device)
    mask.with_name("brain_bet.nii.gz").replace(mask)


def _synthstrip(head: Path, mask: Path) -> None:
    _command("nipreps-synthstrip", "-i", str(head), "-m", str(mask))


PEERS = {
    "deepbet": Peer("deepbet", "deepbet", "doi:10.1016/j.compbiomed.2024.108845", _deepbet),
    "hd-bet": Peer("hd-bet", "HD_BET", "doi:10.1002/hbm.24750", _hd_bet),
    "synthstrip": Peer("nipreps-synthstrip", "nipreps.synthstrip", "doi:10.1016/j.neuroimage.2022.119474", _synthstrip),
}
"""Name of the method -> project."""


def require_peer(name: str) -> Peer:
    """Return a project of :data:`PEERS`.

    Raises:
        ModuleNotFoundError: if it is not installed; the message says how to.
    """
    peer = PEERS[name]
    try:
        found = importlib.util.find_spec(peer.module)
    except ModuleNotFoundError:  # of the package that holds the module
        found = None
    if found is None:
        raise ModuleNotFoundError(
            f"skull strip '{name}' needs the package {peer.package}, which is not installed: "
            f"pip install {peer.package}, or use the method 'learned'."
        )
    return peer


def peer_mask(name: str, image: Tensor, spacing: np.ndarray) -> Tensor:
    """Find the brain with another project's tool, through NIfTI files in a temporary folder.

    Args:
        name: key of :data:`PEERS`.
        image: (X, Y, Z), axes right, anterior, superior.
        spacing: voxel size, mm.

    Returns:
        (X, Y, Z) boolean.

    Raises:
        ModuleNotFoundError: if the tool is not installed.
        RuntimeError: if it fails or writes no mask of the image's shape.
    """
    import nibabel as nib

    peer = require_peer(name)
    with tempfile.TemporaryDirectory() as folder:
        head, mask = Path(folder) / "head.nii.gz", Path(folder) / "mask.nii.gz"
        nib.save(nib.Nifti1Image(image.cpu().float().numpy(), np.diag([*spacing, 1.0])), head)
        peer.run(head, mask)
        if not mask.exists():
            raise RuntimeError(f"skull strip '{name}' wrote no mask: try it alone on this scan, or use 'learned'.")
        found = np.asarray(nib.load(mask).dataobj) > 0.5
    if found.shape != tuple(image.shape):
        raise RuntimeError(f"skull strip '{name}' wrote a mask of shape {found.shape}, expected {tuple(image.shape)}.")
    return torch.from_numpy(found).to(image.device)


def _command(name: str, *arguments: str) -> None:
    """Run a tool of this environment."""
    beside = Path(sys.executable).with_name(name)
    program = str(beside) if beside.exists() else shutil.which(name)
    if program is None:
        raise RuntimeError(f"the command {name} was not found beside {sys.executable}: install its package again.")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{name} failed with exit code {done.returncode}: {last}")
