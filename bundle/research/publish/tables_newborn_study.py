"""Tables of the study on newborns: by size for each variant, training size against test size, and beside the paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..markdown import MISSING, markdown_table, with_interval
from ..study.markdown import BASELINE, trained
from ..study.paper import NOTEBOOK_SIZE, accuracy, notebook
from .tables_scores import SIDE, share, sizes
from .tables_study import cost

LESIONS = ("physical", "painted")
DRAWN = ("newborn_backbones", "newborn_training_sizes")
"""Tables that are drawn, too."""

COMPARED = (7.0, NOTEBOOK_SIZE, 13.5)
"""Sides in mm for which the paper or its code states an accuracy."""


def by_size(result: dict[str, Any], name: str) -> str:
    """Lay out the AUC of each variant, a row for each size, and what each variant costs.

    Args:
        result: of the node ``newborn_study``.
        name: of the table.
    """
    table = result[name]
    variants = table["variants"]

    def laid_out(lesion: str, sides: Sequence[str]) -> str:
        first = next(iter(variants.values()))[lesion]
        rows = [
            [
                size,
                *(with_interval(row[lesion][size]["auc"]) for row in variants.values()),
                with_interval(first[size]["baseline_auc"]),
            ]
            for size in sides
        ]
        return markdown_table([SIDE, *map(_code, variants), BASELINE], rows)

    costs = markdown_table(["", *map(_code, variants)], _of_networks(table))
    return "\n".join([_words(table), *_of_lesions(table, laid_out), costs, *_drawn(name, table)])


def matrix(result: dict[str, Any], name: str) -> str:
    """Lay out the AUC by training size (rows) and test size (columns), without intervals so that it fits a page.

    Args:
        result: of the node ``newborn_study``.
        name: of the table.
    """
    table = result[name]

    def laid_out(lesion: str, sides: Sequence[str]) -> str:
        rows = [
            [_code(variant), *(f"{row[lesion][size]['auc'][0]:.2f}" for size in sides)]
            for variant, row in table["variants"].items()
        ]
        return markdown_table(["training", *(f"{size} mm" for size in sides)], rows)

    return "\n".join([_words(table), *_of_lesions(table, laid_out), *_drawn(name, table)])


def beside_paper(result: dict[str, Any]) -> str:
    """Lay out the balanced accuracy on painted lesions beside the accuracy that Gucciardi et al. 2025 state."""
    rows = []
    for backbone, row in result["newborn_backbones"]["variants"].items():
        theirs = notebook(backbone)
        cells = [_code(backbone), theirs[0] if theirs else MISSING]
        for size in COMPARED:
            of_size = row["painted"].get(f"{size:g}", {})
            cells += [_paper(backbone, size), with_interval(of_size.get("balanced_accuracy"))]
        rows.append(cells)
    titles = [title for size in COMPARED for title in (f"paper, {size:g} mm", f"here, {size:g} mm")]
    return markdown_table(["", "network of the paper", *titles], rows)


def _of_lesions(table: dict[str, Any], laid_out: Callable[[str, Sequence[str]], str]) -> list[str]:
    """Return the table of each lesion type, which ``laid_out`` makes of the type and its sizes, under its title."""
    first = next(iter(table["variants"].values()))
    return [f"AUC, {lesion} lesions:\n\n{laid_out(lesion, sizes(first, lesion))}" for lesion in LESIONS]


def _paper(backbone: str, size: float) -> str:
    theirs = notebook(backbone)
    if size == NOTEBOOK_SIZE:
        return with_interval(theirs[1]) if theirs else MISSING
    stated = accuracy(size) if backbone == "vgg" else None  # their abstract states that of their best network alone
    return MISSING if stated is None else f"{stated:.2f}"


def _words(table: dict[str, Any]) -> str:
    subjects = next(iter(table["variants"].values()))["subjects"]
    seeds = ", ".join(map(str, table["seeds"]))
    return f"{table['title']}: {trained(table)}; mean of the seeds {seeds}, {subjects} subjects, each tested once.\n"


def _of_networks(table: dict[str, Any]) -> Iterator[list[str]]:
    rows = table["variants"].values()
    yield ["false-positive rate", *(share(row["false_positive_rate"]["normal"]) for row in rows)]
    for key, title in (("parameters", "parameters"), ("trained", "training, pairs per second")):
        if "costs" in table:
            yield [title, *(cost(each[key], key) for each in table["costs"].values())]


def _drawn(name: str, table: dict[str, Any]) -> list[str]:
    return [f"![AUC by size: {table['title']}](figures/{name}.png)\n"] if name in DRAWN else []


def _code(variant: str) -> str:
    return f"`{variant}`"
