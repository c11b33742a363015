"""Work in processes of its own, several at a time, each with its own log.

The processes start from one that has torch and MONAI loaded, which saves some seconds for each of them.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

PRELOADED = ["torch", "monai.bundle", "monai.handlers", "monai.engines", "timm"]


class Task(NamedTuple):
    """A call to be made in a process of its own.

    Attributes:
        name: for the line that says that it is done.
        function: importable, so that another process finds it.
        args: of the function; small and picklable.
        log: file that gets everything the call prints.
    """

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    log: Path


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def at_once(most: int = 4) -> int:
    """Return how many single runs fit on this machine: one on a GPU, else one for each core, up to ``most``."""
    import torch

    return 1 if torch.cuda.is_available() else min(cores(), most)


def run_all(tasks: Sequence[Task], number: int | None = None, say: Callable[[str], None] = print) -> None:
    """Run tasks, several at a time, and share the cores among them.

    Args:
        tasks: what to do, in order.
        number: of processes at a time; by default see :func:`at_once`.
        say: gets a line for each finished task, with its seconds.

    Raises:
        RuntimeError: if a task failed, with its first error and the path of its log. Tasks that had not started by
            then are not started; the others end first.
    """
    number = max(1, min(number or at_once(), len(tasks)))
    threads = max(1, cores() // number)
    stop = threading.Event()

    def one(task: Task) -> None:
        if stop.is_set():
            return
        start = time.perf_counter()
        process = _context().Process(target=_child, args=(task.function, task.args, str(task.log), threads))
        process.start()
        process.join()
        if process.exitcode:
            stop.set()
            raise RuntimeError(f"{task.name} failed, see {task.log}: {_first_error(task.log, process.exitcode)}")
        say(f"  {task.name}: {time.perf_counter() - start:.0f} s")

    with ThreadPoolExecutor(number) as pool:
        for done in [pool.submit(one, task) for task in tasks]:
            done.result()


def bundle_run(run_id: str, configs: Iterable[Path], overrides: dict[str, Any]) -> None:
    """Run a part of the bundle, as ``python -m monai.bundle run`` does, in this process."""
    import monai.bundle

    monai.bundle.run(run_id=run_id, config_file=[str(path) for path in configs], **overrides)


def _context() -> Any:
    import torch

    if torch.cuda.is_available() or "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")  # a GPU cannot be handed on to a copy of a process
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _child(function: Callable[..., Any], args: tuple[Any, ...], log: str, threads: int) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    with Path(log).open("w") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    import torch

    torch.set_num_threads(threads)
    function(*args)


def _end_with_parent() -> None:
    """End this process when the one that started it ends, even if that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _first_error(log: Path, exit_code: int | None) -> str:
    """MONAI wraps an error in several of its own: the first one in the log is the cause."""
    text = log.read_text() if log.exists() else ""
    errors = re.findall(r"^[\w.]*(?:Error|Exception|Interrupt)\b.*", text, re.MULTILINE)
    return errors[0] if errors else f"exit code {exit_code}"
