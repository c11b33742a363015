"""The verb ``study``: how small an asymmetry is detected, and what it depends on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from .plan import FOLDS, RUNS, Run, plan
from .record import cohort_folder, record
from .run import EVALUATE, TRAIN, do, is_done, overrides


def study(
    output_dir: str = "study",
    runs: str | None = None,
    budget: str = "cpu",
    tables: str | tuple[str, ...] = (),
    file: str = str(RUNS),
    dataset_dir: str | None = None,
    at_once: int | None = None,
    folds: int | None = None,
) -> None:
    """Do the runs of a study that are not yet done, then write its tables to ``output_dir``.

    Args:
        output_dir: folder of the study; what is done there is not repeated.
        runs: ``smoke`` does one tiny run of every table, in minutes; its results are of no value.
        budget: ``cpu``, ``gpu`` or ``newborns``: which tables there are, and how long each run takes.
        tables: names of the tables; all by default.
        file: JSON that lists the runs.
        dataset_dir: scans to use; by default a cohort of synthetic heads is made in ``output_dir``.
        at_once: how many runs at a time, each in a process of its own; by default one for each core, up to four. 0
            makes all runs in this process, one after the other.
        folds: number of parts that the subjects are divided into. Every run is then made once for each part, which
            tests it and learns from the others. Each scan of ``dataset_dir`` needs a tight brain mask beside it, or
            as ``brain_mask`` in a datalist.

    Raises:
        RuntimeError: if a run fails; the runs before it are kept.
        ValueError: if ``folds`` is given without ``dataset_dir``, or there are too few subjects.
    """
    folder = Path(output_dir).resolve()
    wanted = [tables] if isinstance(tables, str) else list(tables)
    planned = plan(runs or budget, wanted, file)
    data = str(Path(dataset_dir).resolve()) if dataset_dir else None
    if folds is not None:
        planned = planned_in_folds(planned, data, folds, folder)
    elif (folder / FOLDS).exists():
        raise ValueError(f"{folder}: holds a study in folds: give --folds, or another --output_dir.")
    do_all(planned, folder, data, at_once)
    from .tables import write_tables  # only now is there something to tabulate

    for path in write_tables(planned, folder, runs or budget, Path(file), data):
        print(path)


def planned_in_folds(planned: Sequence[Run], dataset_dir: str | None, folds: int, folder: Path) -> list[Run]:
    """Repeat the runs in every fold of the data; see :mod:`bundle.research.study.folds`.

    Raises:
        ValueError: if there is no data, or there are too few subjects.
    """
    from .folds import datalists, in_folds  # MONAI loads with it

    if dataset_dir is None:
        raise ValueError("folds: expected scans to divide by subject, found no dataset_dir: give --dataset_dir SCANS.")
    return in_folds(planned, datalists(dataset_dir, folds, folder))


def do_all(
    planned: Sequence[Run],
    folder: Path,
    dataset_dir: str | None = None,
    at_once: int | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Do the runs that are not yet done, several at a time; runs with equal settings are made once.

    Args:
        planned: the runs.
        folder: of the study.
        dataset_dir: the data; None makes the default cohort within ``folder``.
        at_once: see :func:`study`.
        say: gets a line for each run.

    Raises:
        RuntimeError: if a run fails; the runs before it are kept.
    """
    left = [run for run in planned if not is_done(run, folder, dataset_dir)]
    say(f"{len(planned)} runs, of which {len(planned) - len(left)} are done.")
    first: dict[str, Run] = {}  # of runs with an equal record only the first is made, the others copy its results
    for run in left:
        first.setdefault(json.dumps(record(run, folder, dataset_dir), sort_keys=True), run)
    made = list(first.values())
    if left and at_once != 0:
        _in_processes(made, folder, dataset_dir, at_once, say)
    for run in left:
        do(run, folder, dataset_dir)


def _in_processes(
    made: Sequence[Run], folder: Path, dataset_dir: str | None, at_once: int | None, say: Callable[[str], None]
) -> None:
    from ..pairs import fill_cache
    from ..processes import Task, run_all

    logs = folder / "logs"
    for settings in {_preprocessing(run, folder): overrides(run, folder, dataset_dir) for run in made}.values():
        fill_cache([(TRAIN, "train"), (TRAIN, "validate"), (EVALUATE, "validate")], settings, logs, say)
    tasks = [
        Task(str(run.path), do, (run, folder, dataset_dir), logs / f"{'_'.join(run.path.parts)}.log") for run in made
    ]
    run_all(tasks, at_once, say)


def _preprocessing(run: Run, folder: Path) -> str:
    """Return what the preprocessed pairs of a run depend on."""
    return repr([run.settings.get(key) for key in ("spacing", "hemisphere_size", "skull_strip")]) + str(
        cohort_folder(run, folder)
    )
