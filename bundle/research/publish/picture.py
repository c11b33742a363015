"""Small pictures for the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.atomic_write import atomic_file

WIDTH = 1000
"""Most pixels of a picture's width."""

GREYS, COLOURS = 48, 80
"""Of the palette. Greys have their own, so that neither a thin coloured line nor a white page loses its tone."""

COLOURED = 16
"""How far the channels of a pixel differ, of 256 steps, if it is not grey."""


def shrink(source: Path, target: Path, width: int = WIDTH) -> None:
    """Write a PNG again, no wider than ``width`` pixels, and with a palette.

    Args:
        source: a PNG.
        target: the small one; may be the same file.
        width: most pixels.
    """
    import numpy as np
    from PIL import Image

    with Image.open(source) as opened:
        picture = opened.convert("RGB")
    if picture.width > width:
        picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    pixels = np.asarray(picture)
    shades, place = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    entries = _palette(shades)
    nearest = [np.abs(part[:, None].astype(int) - entries).sum(-1).argmin(1) for part in np.array_split(shades, 64)]
    small = Image.fromarray(np.concatenate(nearest)[place.ravel()].reshape(pixels.shape[:2]).astype(np.uint8), "P")
    small.putpalette(entries.astype(np.uint8).ravel().tolist())
    with atomic_file(target) as partial:
        small.save(partial, format="PNG", optimize=True)


def _palette(shades: Any) -> Any:
    """Choose greys evenly, and colours of which each shade (N, 3) counts once, however few pixels have it."""
    import numpy as np
    from PIL import Image

    greys = np.repeat(np.linspace(0, 255, GREYS).round()[:, None], 3, axis=1)
    coloured = shades[np.ptp(shades, axis=1) > COLOURED]
    if not len(coloured):
        return greys
    chosen = Image.fromarray(coloured[None]).quantize(COLOURS, method=Image.Quantize.MEDIANCUT).getpalette() or []
    return np.concatenate([greys, np.array(chosen).reshape(-1, 3)[:COLOURS]])
