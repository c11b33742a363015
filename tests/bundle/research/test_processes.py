"""Work in processes of its own: logs, errors, and no process that outlives the one that started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bundle.research.processes import Task, run_all
from tests.conftest import ROOT


def write(path, text):
    print("a line for the log")
    Path(path).write_text(text)


def fail():
    raise ValueError("the reason")


def sleep(path):
    Path(path).write_text(str(os.getpid()))
    time.sleep(300)


def test_tasks_are_done_each_with_its_log_and_the_first_error_is_told(tmp_path):
    said = []
    tasks = [Task("one", write, (str(tmp_path / "one"), "1"), tmp_path / "one.log")]
    run_all(tasks, 2, said.append)
    assert (tmp_path / "one").read_text() == "1" and said[0].startswith("  one: ")
    assert "a line for the log" in (tmp_path / "one.log").read_text()
    tasks = [
        Task("two", fail, (), tmp_path / "two.log"),
        Task("three", write, (str(tmp_path / "three"), "3"), tmp_path),
    ]
    with pytest.raises(RuntimeError, match=r"two failed, see .*two\.log: ValueError: the reason"):
        run_all(tasks, 1, said.append)
    assert not (tmp_path / "three").exists(), "what had not begun is not begun"


@pytest.mark.slow
def test_a_process_ends_with_the_one_that_started_it(tmp_path):
    code = (
        "from pathlib import Path; from bundle.research.processes import Task, run_all; "
        "from tests.bundle.research.test_processes import sleep; "
        f"folder = Path({str(tmp_path)!r}); run_all([Task('x', sleep, (str(folder / 'pid'),), folder / 'log')])"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    deadline = time.monotonic() + 120
    while not (tmp_path / "pid").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(0.5)
    child = int((tmp_path / "pid").read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not Path(f"/proc/{child}").exists()
