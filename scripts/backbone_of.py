"""Which backbone a file of weights is of, so that what loads weights need not be told."""

from __future__ import annotations

from pathlib import Path

import torch

from .backbones import COMPACT, FAMILIES, encoder


def backbone_of(path: str, default: str = "compact") -> str:
    """Recognise the backbone of a network by the shapes of its weights.

    Args:
        path: of the ``state_dict`` of a :class:`scripts.siamese.SiameseNetwork`, whatever its head.
        default: the answer where there is no such file. Tools that export weights build the network first, in any
            folder, and what needs the file says best that it is missing.

    Returns:
        A name for :func:`scripts.backbones.encoder`.

    Raises:
        ValueError: if it is of none of the backbones that have a name here.
    """
    file = Path(path)
    if not file.exists():
        return default
    content = torch.load(file, map_location="cpu", weights_only=True)
    weights = content.get("model", content)  # a checkpoint of a training holds more
    found = {name: value.shape for name, value in weights.items() if name.startswith("encoder.")}
    with torch.random.fork_rng(devices=[]), torch.device("meta"):  # shapes alone, and no random number drawn
        for backbone in (*COMPACT, *FAMILIES):
            module, _ = encoder(backbone)
            if {f"encoder.{name}": value.shape for name, value in module.state_dict().items()} == found:
                return backbone
    raise ValueError(
        f"{file}: expected the weights of one of the backbones {', '.join([*COMPACT, *FAMILIES])}, found those of "
        "another. Name the model of timm that they are of by 'backbone'."
    )
