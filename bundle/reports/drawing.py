"""What all pictures of the reports share: colours, an empty figure, axes, and PNG in base64."""

from __future__ import annotations

import base64
import io
from typing import Any

INK, PAPER, MASK, LINE, MARK = "#e8eef2", "#10171c", "#56b4e9", "#f0e442", "#d55e00"
"""Colours of text, background, brain outline, midline and mark, distinct for colour-blind readers (Okabe & Ito)."""

DPI = 110


def empty_figure(width: float, height: float) -> Any:
    """Return an empty dark figure that needs no display; width and height in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def style_axes(axes: Any, x_label: str, y_label: str) -> None:
    """Label the axes of a chart, and give them the colours of the report."""
    axes.set_facecolor(PAPER)
    axes.set_xlabel(x_label, color=INK)
    axes.set_ylabel(y_label, color=INK)
    axes.tick_params(colors=INK)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color("#5c6b75")


def png(figure: Any) -> str:
    """Return a figure as PNG in base64."""
    content = io.BytesIO()
    figure.savefig(content, dpi=DPI, format="png", metadata={"Software": None})
    return base64.b64encode(content.getvalue()).decode("ascii")


def image_tag(alt: str, picture: str) -> str:
    """Return the HTML of a picture in base64."""
    return f"<img alt='{alt}' src='data:image/png;base64,{picture}'>"
