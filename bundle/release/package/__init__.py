"""The verb ``package``: make the folder and the zip for the model zoo and a hub, and check them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from scripts.atomic_write import write_text

from ... import ROOT
from .checks import CHECKS, faults
from .trial import try_out

__all__ = ["CHECKS", "PARTS", "package"]

NAME = "neonatal_brain_symmetry"
"""Name of the folder. Hosts and the model zoo call the bundle by it."""

PARTS = ("LICENSE", "configs", "docs", "models", "scripts")
"""Files and folders that are packaged."""

LEFT_OUT = ("__pycache__", "*.pyc", "*.partial*", ".*", "checkpoint.pt", "model.ts", "model_trt.ts", "model.onnx")
"""Files in these folders that are not packaged. Users make exports with ``python -m bundle export``."""


def package(output_dir: str = "dist", root: str = str(ROOT), trial: bool = False) -> str:
    """Make ``<name>/``, ``<name>_v<version>.zip`` and its list of hashes, and check them.

    Args:
        output_dir: for all of them. Those of an earlier call are replaced.
        root: the bundle's folder.
        trial: also unpack the zip in an empty folder and run the bundle there, from training to export. It takes
            minutes.

    Returns:
        What was made and checked, as text.

    Raises:
        ValueError: if a check or a trial fails; the message lists what is wrong.
    """
    target = Path(output_dir)
    folder = target / NAME
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in PARTS:
        source = Path(root) / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns(*LEFT_OUT))
        elif source.exists():
            shutil.copyfile(source, folder / part)
    for config in folder.glob("configs/*.json"):
        write_text(config, pretty(config))
    problems = faults(folder)
    if problems:
        raise ValueError(f"{folder} cannot be published:\n" + "\n".join(f"- {problem}" for problem in problems))
    version = json.loads((folder / "configs" / "metadata.json").read_text(encoding="utf-8"))["version"]
    stem = target / f"{NAME}_v{version}"
    archive = Path(shutil.make_archive(str(stem), "zip", target, NAME))
    hashes = "".join(f"{digest}  {name}\n" for name, digest in sums(folder).items())
    write_text(stem.with_name(f"{stem.name}.sha256"), hashes)
    lines = [f"{archive}: {archive.stat().st_size / 2**20:.1f} MiB, version {version}, {len(CHECKS)} checks passed."]
    if trial:
        lines += try_out(archive, NAME, hashes)
    return "\n".join(lines)


def pretty(config: Path) -> str:
    """Return a config as the model zoo requires it: JSON indented by four."""
    return json.dumps(json.loads(config.read_text(encoding="utf-8")), indent=4, ensure_ascii=False) + "\n"


def sums(folder: Path) -> dict[str, str]:
    """Return path -> SHA-256 of every file, for ``sha256sum -c`` in the folder above."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder.parent)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
