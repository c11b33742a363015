"""The verb ``study``: how small an asymmetry can be seen, and what it depends on."""

from __future__ import annotations

from pathlib import Path

from .plan import RUNS, plan
from .run import do, is_done


def study(
    output_dir: str = "study",
    runs: str | None = None,
    budget: str = "cpu",
    tables: str | tuple[str, ...] = (),
    file: str = str(RUNS),
    dataset_dir: str | None = None,
    docs: str | None = None,
) -> None:
    """Do the runs of a study that are not yet done, then write its tables.

    Args:
        output_dir: folder of the study; what is done there is not done again.
        runs: ``smoke`` does a tiny instance of every table, whatever the budget, in minutes; None does all runs.
        budget: ``cpu`` or ``gpu``: how much each run costs.
        tables: names of the tables to do; all by default.
        file: JSON that lists the runs.
        dataset_dir: scans to use; by default a cohort of synthetic heads is made in ``output_dir``.
        docs: a folder to write the tables to, as JSON, Markdown and PNG, instead of ``output_dir``.

    Raises:
        RuntimeError: if a run fails; the runs before it are kept.
    """
    from tqdm import tqdm

    folder = Path(output_dir).resolve()
    wanted = [tables] if isinstance(tables, str) else list(tables)
    budget = runs or budget
    data, dataset_dir = dataset_dir, str(Path(dataset_dir).resolve()) if dataset_dir else None
    planned = plan(budget, wanted, file)
    left = [run for run in planned if not is_done(run, folder, dataset_dir)]
    print(f"{len(planned)} runs, of which {len(planned) - len(left)} are done.")
    for run in tqdm(left, unit="run"):
        tqdm.write(str(run.path))
        do(run, folder, dataset_dir)
    from .tables import write_tables  # only now is there something to tabulate

    for path in write_tables(planned, folder, Path(docs) if docs else folder, budget, Path(file), data):
        print(path)
