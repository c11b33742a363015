"""Tables of the study in short: the AUC of each variant, with the baseline."""

from __future__ import annotations

from typing import Any

from ..markdown import markdown_table, with_interval
from ..study.markdown import BASELINE, spent
from .tables_scores import share, sizes

LESIONS = {"backbones": ("physical", "painted"), "lesion_types": ("physical", "painted")}
"""Lesion types that a table shows; the others show physical lesions."""

DRAWN = ("comparisons", "backbones")
"""Tables that are drawn, too."""


def study_table(result: dict[str, Any], name: str) -> str:
    """Lay out one table of the study.

    Args:
        result: of the node ``study``.
        name: of the table.
    """
    table = result[name]
    variants = table["variants"]
    first = next(iter(variants.values()))
    lesions = LESIONS.get(name, ("physical",))
    columns = [(lesion, size) for lesion in lesions for size in sizes(first, lesion)]
    rows = [
        [
            f"`{variant}`",
            *(with_interval(row[lesion][size]["auc"]) for lesion, size in columns),
            share(row["false_positive_rate"]["normal"]),
        ]
        for variant, row in variants.items()
    ]
    rows.append([BASELINE, *(with_interval(first[lesion][size]["baseline_auc"]) for lesion, size in columns), "–"])
    titles = [f"AUC, {lesion}, {size} mm" if len(lesions) > 1 else f"AUC, {size} mm" for lesion, size in columns]
    header = ["", *titles, "false-positive rate"]
    for key, title in (("parameters", "parameters"), ("trained", "training, pairs per second")):
        if "costs" in table:
            header.append(title)
            for row, each in zip(rows, [*table["costs"].values(), None], strict=True):
                row.append("–" if each is None else cost(each[key], key))
    seeds = ", ".join(map(str, table["seeds"]))
    words = (
        f"{table['title']}: {spent(table['settings'])}; mean of the seeds {seeds}, {first['subjects']} test subjects."
    )
    drawn = f"\n![AUC by size: {table['title']}](figures/{name}.png)\n" if name in DRAWN else ""
    return f"{words}\n\n{markdown_table(header, rows)}{drawn}"


def cost(value: float, key: str) -> str:
    """Write parameters in millions, and a speed with three digits."""
    return f"{value / 1e6:.2f} M" if key == "parameters" else f"{value:.3g}"
