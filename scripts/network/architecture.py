"""Which network a file of weights is of, so that what loads weights need not be told."""

from __future__ import annotations

from pathlib import Path

import torch

from .backbones import COMPACT, FAMILIES
from .siamese import COMPARISONS, SiameseNetwork


def backbone_of(path: str, default: str = "compact") -> str:
    """Recognise the backbone of a network by the shapes of its weights.

    Args:
        path: of the ``state_dict`` of a :class:`scripts.network.siamese.SiameseNetwork`, whatever its comparison.
        default: the answer where there is no such file. Tools that export weights build the network first, in any
            folder, and what needs the file says best that it is missing.

    Returns:
        A name for :func:`scripts.network.backbones.encoder`.

    Raises:
        ValueError: if it is of none of the backbones that have a name here.
    """
    found = _shapes(path, "encoder.")
    if not found:
        return default
    names = (*COMPACT, *FAMILIES)
    for name in names:
        if _expected(name, "local", "encoder.") == found:
            return name
    raise ValueError(
        f"{path}: expected the weights of one of the backbones {', '.join(names)}, found those of another. Name the "
        "model of timm that they are of by 'backbone'."
    )


def comparison_of(path: str, backbone: str, default: str = "local") -> str:
    """Recognise the comparison of a network by the shapes of its weights.

    Args:
        path: as for :func:`backbone_of`.
        backbone: of the network.
        default: the answer where there is no such file.

    Returns:
        A key of :data:`scripts.network.siamese.COMPARISONS`.

    Raises:
        ValueError: if it is of none of them.
    """
    found = _shapes(path, "head.")
    if not found:
        return default
    for name in COMPARISONS:
        if _expected(backbone, name, "head.") == found:
            return name
    raise ValueError(
        f"{path}: expected the weights of one of the comparisons {', '.join(COMPARISONS)} on the backbone "
        f"{backbone!r}, found those of another. Take the version of this bundle that they were trained with."
    )


def _shapes(path: str, prefix: str) -> dict[str, torch.Size]:
    """Read the shapes of the weights whose names begin so; none if there is no such file."""
    if not Path(path).exists():
        return {}
    content = torch.load(path, map_location="cpu", weights_only=True)
    weights = content.get("model", content)  # a checkpoint of a training holds more
    return {name: value.shape for name, value in weights.items() if name.startswith(prefix)}


def _expected(backbone: str, comparison: str, prefix: str) -> dict[str, torch.Size]:
    with torch.random.fork_rng(devices=[]), torch.device("meta"):  # shapes alone, and no random number drawn
        weights = SiameseNetwork(backbone, comparison).state_dict()
    return {name: value.shape for name, value in weights.items() if name.startswith(prefix)}
