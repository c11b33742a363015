"""The verb ``push``: a packaged bundle to a hub."""

from __future__ import annotations

import json
from pathlib import Path

from .package import NAME
from .package.checks import faults


def push(repo: str, package_dir: str = "dist", private: bool = True, token: str | None = None) -> str:
    """Upload the folder that ``python -m bundle package`` made to the Hugging Face Hub, tagged with its version.

    The packaged copy is uploaded, never the repository: MONAI writes the model card over the folder's README.

    Args:
        repo: ``owner/name`` at the hub; made if it is missing.
        package_dir: where the package lies.
        private: who may see a new repository.
        token: of the hub; the one that is logged in if not given.

    Returns:
        Where it went.

    Raises:
        FileNotFoundError: if there is no package.
        ValueError: if a check of the package finds a fault.
    """
    from monai.bundle import push_to_hf_hub

    folder = Path(package_dir) / NAME
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: not found. Make it with 'python -m bundle package'.")
    if found := faults(folder):
        raise ValueError(f"{folder} is not fit to be given away:\n" + "\n".join(f"- {fault}" for fault in found))
    version = json.loads((folder / "configs" / "metadata.json").read_text(encoding="utf-8"))["version"]
    # A hub's viewers look for these at the root.
    (folder / "metadata.json").write_bytes((folder / "configs" / "metadata.json").read_bytes())
    url = push_to_hf_hub(
        repo, NAME, package_dir, token=token, private=private, version=version, tag_as_latest_version=True
    )
    return str(url)
