"""Skull-stripping tools of other projects, used if they are installed: their code, their weights, their licences."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor


class ExternalTool(NamedTuple):
    """The tool of another project.

    Attributes:
        package: name to install with pip.
        module: name to import.
        source: DOI of its paper.
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


EXTERNAL_TOOLS = {
    "deepbet": ExternalTool("deepbet", "deepbet", "doi:10.1016/j.compbiomed.2024.108845", _deepbet),
    "hd-bet": ExternalTool("hd-bet", "HD_BET", "doi:10.1002/hbm.24750", _hd_bet),
    "synthstrip": ExternalTool(
        "nipreps-synthstrip", "nipreps.synthstrip", "doi:10.1016/j.neuroimage.2022.119474", _synthstrip
    ),
}
"""Name of the method -> tool."""


def require_tool(name: str) -> ExternalTool:
    """Return a tool of :data:`EXTERNAL_TOOLS`.

    Raises:
        ModuleNotFoundError: if it is not installed; the message says how to install it.
    """
    tool = EXTERNAL_TOOLS[name]
    try:
        spec = importlib.util.find_spec(tool.module)
    except ModuleNotFoundError:  # of the package that holds the module
        spec = None
    if spec is None:
        raise ModuleNotFoundError(
            f"skull strip {name!r} needs the package {tool.package}, which is not installed: "
            f"pip install {tool.package}, or use the method 'learned'."
        )
    return tool


def external_mask(name: str, image: Tensor, spacing: np.ndarray) -> Tensor:
    """Segment the brain with another project's tool, through NIfTI files in a temporary folder.

    Args:
        name: key of :data:`EXTERNAL_TOOLS`.
        image: (X, Y, Z), axes right, anterior, superior.
        spacing: voxel size, mm.

    Returns:
        (X, Y, Z) boolean.

    Raises:
        ModuleNotFoundError: if the tool is not installed.
        RuntimeError: if it fails or writes no mask of the image's shape.
    """
    import nibabel as nib

    tool = require_tool(name)
    with tempfile.TemporaryDirectory() as folder:
        head, mask = Path(folder) / "head.nii.gz", Path(folder) / "mask.nii.gz"
        nib.save(nib.Nifti1Image(image.cpu().float().numpy(), np.diag([*spacing, 1.0])), head)
        tool.run(head, mask)
        if not mask.exists():
            raise RuntimeError(
                f"skull strip {name!r} wrote no mask: run the tool alone on this scan, or use 'learned'."
            )
        written: Any = nib.load(mask)
        brain = np.asarray(written.dataobj) > 0.5
    if brain.shape != tuple(image.shape):
        raise RuntimeError(f"skull strip {name!r} wrote a mask of shape {brain.shape}, expected {tuple(image.shape)}.")
    return torch.from_numpy(brain).to(image.device)


def _command(name: str, *arguments: str) -> None:
    """Run a tool of this environment."""
    in_environment = Path(sys.executable).with_name(name)
    program = str(in_environment) if in_environment.exists() else shutil.which(name)
    if program is None:
        raise RuntimeError(f"the command {name} was not found beside {sys.executable}: install its package again.")
    process = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if process.returncode:
        last = (process.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{name} failed with exit code {process.returncode}: {last}")
