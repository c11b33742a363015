"""Recognise the network that weights belong to by their shapes, so that nobody has to name it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from .backbones import COMPACT, FAMILIES
from .siamese import COMPARISONS, SiameseNetwork


def backbone_of(state_dict: Mapping[str, Tensor], file: str | Path) -> str:
    """Recognise the backbone of a network by the shapes of its weights.

    Args:
        state_dict: of a :class:`scripts.network.siamese.SiameseNetwork` with any comparison.
        file: where the weights come from, for the message.

    Returns:
        A name for :func:`scripts.network.backbones.encoder`.

    Raises:
        ValueError: if the weights belong to none of the named backbones.
    """
    shapes = _shapes(state_dict, "encoder.")
    names = (*COMPACT, *(FAMILIES if find_spec("timm") else ()))  # hosts need not have timm
    for name in names:
        if _expected_shapes(name, "local", "encoder.") == shapes:
            return name
    raise ValueError(
        f"{file}: expected the weights of one of the backbones {', '.join(names)}, found those of another. Name the "
        "timm model that they belong to with 'backbone'."
    )


def comparison_of(state_dict: Mapping[str, Tensor], backbone: str, file: str | Path) -> str:
    """Recognise the comparison of a network by the shapes of its weights.

    Args:
        state_dict: of a :class:`scripts.network.siamese.SiameseNetwork`.
        backbone: of the network.
        file: where the weights come from, for the message.

    Returns:
        A key of :data:`scripts.network.comparisons.COMPARISONS`.

    Raises:
        ValueError: if the weights belong to none of the comparisons.
    """
    shapes = _shapes(state_dict, "head.")
    for name in COMPARISONS:
        if _expected_shapes(backbone, name, "head.") == shapes:
            return name
    raise ValueError(
        f"{file}: expected the weights of one of the comparisons {', '.join(COMPARISONS)} on the backbone "
        f"{backbone!r}, found those of another. Use the version of this bundle that they were trained with."
    )


def _shapes(state_dict: Mapping[str, Tensor], prefix: str) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in state_dict.items() if name.startswith(prefix)}


def _expected_shapes(backbone: str, comparison: str, prefix: str) -> dict[str, torch.Size]:
    with torch.random.fork_rng(devices=[]), torch.device("meta"):  # shapes alone, and no random number drawn
        return _shapes(SiameseNetwork(backbone, comparison).state_dict(), prefix)
