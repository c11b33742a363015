"""The queue of studies on the disk: what came, what waits, what was sent, and what could not be done and why.

Whatever kills the process, a study is in one state, and its files are there. It is scored again if it was being scored,
and sent again if it was being sent. Results have the same UIDs again, so the archive holds them once.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

COMING, WORKING, SENT, DEAD = "coming", "working", "sent", "dead"
"""States of a study: instances still come, or it waits; it is being scored or sent; done; given up."""

FIRST_PAUSE_S, LONGEST_PAUSE_S, ATTEMPTS = 10.0, 3600.0, 8
"""Between attempts, doubled each time; after so many a study is given up."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS studies (
    name TEXT PRIMARY KEY, state TEXT NOT NULL, instances INTEGER NOT NULL, attempts INTEGER NOT NULL,
    due REAL NOT NULL, changed REAL NOT NULL, reason TEXT NOT NULL
)
"""


class Study(NamedTuple):
    """A row of the queue.

    Attributes:
        name: hash of the study's UID; nothing here names a patient.
        state: one of the states.
        instances: received so far.
        attempts: that failed.
        due: seconds since 1970 at which it may be taken.
        changed: when it last changed.
        reason: of the last failure.
    """

    name: str
    state: str
    instances: int
    attempts: int
    due: float
    changed: float
    reason: str


def study_name(uid: str) -> str:
    """Return the name under which a study is kept."""
    return hashlib.sha256(uid.encode()).hexdigest()[:16]


class Queue:
    """The queue in a folder. Several processes may use it.

    Args:
        home: the folder. ``incoming/NAME`` holds the instances of a study, ``results/NAME`` its results.
        quiet_s: a study is complete if nothing came for so long.
    """

    def __init__(self, home: Path, quiet_s: float = 60.0) -> None:
        self.home, self.quiet_s = Path(home), quiet_s
        for folder in ("incoming", "results"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        with self._open() as rows:
            rows.execute(SCHEMA)

    def incoming(self, name: str) -> Path:
        """Return the folder of a study's instances."""
        return self.home / "incoming" / name

    def results(self, name: str) -> Path:
        """Return the folder of a study's results."""
        return self.home / "results" / name

    def received(self, uid: str) -> None:
        """Note that an instance of a study came; a study that was done is to be done again, with what is new."""
        now = time.time()
        with self._open() as rows:
            rows.execute(
                "INSERT INTO studies VALUES (?, ?, 1, 0, ?, ?, '') ON CONFLICT (name) DO UPDATE SET "
                "instances = instances + 1, state = excluded.state, attempts = 0, due = excluded.due, "
                "changed = excluded.changed, reason = ''",
                (study_name(uid), COMING, now + self.quiet_s, now),
            )

    def trigger(self, name: str | None = None) -> None:
        """Take a study, or all that still come, without waiting; one that was given up gets new attempts."""
        with self._open() as rows:
            if name:
                rows.execute("UPDATE studies SET due = 0, state = ?, attempts = 0 WHERE name = ?", (COMING, name))
            else:
                rows.execute("UPDATE studies SET due = 0 WHERE state = ?", (COMING,))

    def take(self) -> Study | None:
        """Take the study that has waited longest, for this process alone; None if none is due."""
        now = time.time()
        with self._open() as rows:
            row = rows.execute(
                "SELECT * FROM studies WHERE state = ? AND due <= ? ORDER BY due LIMIT 1", (COMING, now)
            ).fetchone()
            if row is None:
                return None
            study = Study(*row)
            rows.execute("UPDATE studies SET state = ?, changed = ? WHERE name = ?", (WORKING, now, study.name))
            return study._replace(state=WORKING, changed=now)

    def done(self, study: Study) -> None:
        """Note that the results of a study were sent, unless instances came meanwhile."""
        self._end(study, SENT, study.attempts, 0.0, "")

    def failed(self, study: Study, reason: str, for_good: bool = False) -> None:
        """Note a failure: another attempt follows after a pause, or none.

        Args:
            study: that was taken.
            reason: without anything that names a patient.
            for_good: no attempt can help.
        """
        attempts = study.attempts + 1
        dead = for_good or attempts >= ATTEMPTS
        pause = min(FIRST_PAUSE_S * 2 ** (attempts - 1), LONGEST_PAUSE_S)
        self._end(study, DEAD if dead else COMING, attempts, time.time() + pause, reason)

    def recover(self) -> int:
        """Let studies be taken again that a process was at when it was killed; return their number.

        Call it before any worker starts.
        """
        with self._open() as rows:
            return rows.execute("UPDATE studies SET state = ?, due = 0 WHERE state = ?", (COMING, WORKING)).rowcount

    def studies(self) -> list[Study]:
        """List all studies, the last changed first."""
        with self._open() as rows:
            return [Study(*row) for row in rows.execute("SELECT * FROM studies ORDER BY changed DESC")]

    def knows(self, uid: str) -> bool:
        """Whether a study is in the queue, in any state."""
        with self._open() as rows:
            return rows.execute("SELECT 1 FROM studies WHERE name = ?", (study_name(uid),)).fetchone() is not None

    def _end(self, study: Study, state: str, attempts: int, due: float, reason: str) -> None:
        with self._open() as rows:
            # An instance that came while the study was worked at has set the state back: it stays so.
            rows.execute(
                "UPDATE studies SET state = ?, attempts = ?, due = ?, changed = ?, reason = ? "
                "WHERE name = ? AND state = ?",
                (state, attempts, due, time.time(), reason, study.name, WORKING),
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.home / "queue.sqlite", timeout=30)
        try:
            with connection:  # commits, or undoes all if something fails
                connection.execute("BEGIN IMMEDIATE")  # no other process reads between our reading and writing
                yield connection
        finally:
            connection.close()
