"""What stands above a table of the study: what it shows, of what data, at what cost, and the command that makes it."""

from __future__ import annotations

from typing import Any


def heading(table: dict[str, Any]) -> str:
    """Return the title, the data, the budget and the command of a table, as Markdown."""
    first = next(iter(table["variants"].values()))
    subjects = max(row["subjects"] for row in first["rows"])
    budget, data = table["budget"], table.get("dataset_dir")
    if "weights" in table:
        made = f"The weights in `{table['weights']}`, on the data " + (
            f"in `{data}`" if data else f"of budget `{budget}`"
        )
    else:
        seeds = ", ".join(map(str, table["seeds"]))
        made = f"Budget `{budget}` ({_spent(table['settings'])}), seeds {seeds}: means over the seeds"
    option = f" --dataset_dir {data}" if data else ""
    return (
        f"*{table['title']}.* {made}, with 95 % intervals over {subjects} test subjects. {first['note']}\n\n"
        f"```bash\npython -m bundle study --budget {budget} --tables {table['table']}{option} --docs docs/study\n```\n"
    )


def _spent(settings: dict[str, Any]) -> str:
    """What every training of a table is given, in words."""
    words = [f"epochs: {settings['epochs']}"]
    words += [f"pixels of {settings['spacing'][0]:g} mm"] if "spacing" in settings else []
    words += ["bfloat16"] if settings.get("bfloat16") else []
    return ", ".join(words)
