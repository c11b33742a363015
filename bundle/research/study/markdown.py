"""A table of the study as Markdown: a section for each measure and lesion type, a row for each variant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from scripts.evaluation.measures import title

from ..markdown import MISSING, markdown_table, with_interval
from .paper import NAME, accuracy

BASELINE = "baseline without learning"

Section = tuple[str, list[str], dict[str, list[str]]]
"""Title, columns, and the cells of each variant."""


def as_markdown(table: dict[str, Any]) -> str:
    """Lay a table out, with what it shows, of what data, and the command that makes it above."""
    reports = table["variants"]
    sections = [*_by_size(table), _false_positives(reports), *_costs(table.get("costs", {}))]
    return _heading(table) + "".join(map(_section, sections))


def spent(settings: dict[str, Any]) -> str:
    """Say in words how long every training of a table was."""
    words = [f"{settings['epochs']} epochs"] if "epochs" in settings else []
    words += [f"pixels of {settings['spacing'][0]:g} mm"] if "spacing" in settings else []
    words += ["bfloat16"] if settings.get("bfloat16") else []
    return ", ".join(words)


def trained(table: dict[str, Any]) -> str:
    """Say in words how long every training was, how many pairs it saw, and of which folds it was."""
    if "folds" not in table:
        return spent(table["settings"])
    return f"{spent(table['settings'])}, {table['pairs']} pairs per training, {table['folds']} folds by subject"


def _heading(table: dict[str, Any]) -> str:
    first = next(iter(table["variants"].values()))
    subjects = max(row["subjects"] for row in first["rows"])
    budget, data = table["budget"], table.get("dataset_dir")
    seeds = ", ".join(map(str, table["seeds"]))
    option = f" --dataset_dir {data}" if data else ""
    option += f" --folds {table['folds']}" if "folds" in table else ""
    return (
        f"*{table['title']}.* Budget `{budget}` ({trained(table)}), mean of the seeds {seeds}, with 95 % "
        f"intervals over {subjects} test subjects. {first['note']}\n\n"
        f"```bash\npython -m bundle study --budget {budget} --tables {table['table']}{option}\n```\n"
    )


def _section(section: Section) -> str:
    title, columns, cells = section
    return f"\n**{title}**\n\n{markdown_table(['', *columns], [[variant, *row] for variant, row in cells.items()])}"


def _by_size(table: dict[str, Any]) -> Iterator[Section]:
    reports = table["variants"]
    first = next(iter(reports.values()))
    for measure in table["measures"]:
        for lesion_type in table["lesions"]:
            sizes = [row["size"] for row in first["rows"] if row["lesion_type"] == lesion_type]
            cells = {variant: _along(report, lesion_type, sizes, measure) for variant, report in reports.items()}
            if measure == "auc":
                cells[BASELINE] = _along(first, lesion_type, sizes, "baseline_auc")
            if (measure, lesion_type) == ("balanced_accuracy", "painted"):
                reported = [accuracy(size) for size in sizes]
                cells[NAME] = [MISSING if value is None else f"{value:.2f}" for value in reported]
            yield f"{title(measure)}, {lesion_type} lesions", [f"{size:g} mm" for size in sizes], cells


def _along(report: dict[str, Any], lesion_type: str, sizes: Sequence[float], measure: str) -> list[str]:
    rows = {row["size"]: row for row in report["rows"] if row["lesion_type"] == lesion_type}
    return [with_interval(rows[size].get(measure)) if size in rows else MISSING for size in sizes]


def _false_positives(reports: dict[str, Any]) -> Section:
    columns = list(next(iter(reports.values()))["false_positive_rate"])
    cells = {
        variant: [with_interval(report["false_positive_rate"].get(name)) for name in columns]
        for variant, report in reports.items()
    }
    return "False-positive rate at the network's own threshold", [f"{name} slices" for name in columns], cells


def _costs(costs: dict[str, Any]) -> Iterator[Section]:
    if costs:
        device = next(iter(costs.values()))["device"]
        cells = {
            variant: [f"{cost['parameters'] / 1e6:.2f} M", f"{cost['trained']:.3g}", f"{cost['scored']:.3g}"]
            for variant, cost in costs.items()
        }
        yield f"Cost, in pairs per second on {device}", ["parameters", "training", "scoring"], cells
