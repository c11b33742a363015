"""The verb ``push``: upload a packaged bundle to a hub."""

from __future__ import annotations

import json
from pathlib import Path

from .package import NAME
from .package.checks import faults


def push(repo: str, package_dir: str = "dist", private: bool = True, token: str | None = None) -> str:
    """Upload the folder that ``python -m bundle package`` made to the Hugging Face Hub, tagged with its version.

    The packaged copy is uploaded, not the repository, because MONAI overwrites the folder's README with the model card.

    Args:
        repo: ``owner/name`` on the hub; created if it is missing.
        package_dir: folder with the package.
        private: make a new repository private.
        token: of the hub; by default that of the logged-in user.

    Returns:
        URL of the upload.

    Raises:
        FileNotFoundError: if there is no package.
        ValueError: if a check of the package fails; the message lists what is wrong.
    """
    from monai.bundle import push_to_hf_hub

    folder = Path(package_dir) / NAME
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: not found. Make it with 'python -m bundle package'.")
    if problems := faults(folder):
        raise ValueError(f"{folder} cannot be published:\n" + "\n".join(f"- {problem}" for problem in problems))
    version = json.loads((folder / "configs" / "metadata.json").read_text(encoding="utf-8"))["version"]
    # The hub's viewers look for it at the root.
    (folder / "metadata.json").write_bytes((folder / "configs" / "metadata.json").read_bytes())
    url = push_to_hf_hub(
        repo, NAME, package_dir, token=token, private=private, version=version, tag_as_latest_version=True
    )
    return str(url)
