"""Why a scan is refused: a code for programs, a sentence for people."""

from __future__ import annotations


class ScanError(ValueError):
    """A scan that can't be scored.

    Args:
        code: one word of the list of reasons in ``docs/output.md``; it stays the same over versions.
        message: names the file, what was expected, what was found, and the cure.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)  # both, so that a data loader's worker can send it to the main process
        self.code = code

    def __str__(self) -> str:
        return str(self.args[1])
