"""Arguments that had another name up to version 0.10: an error says the new name."""

from __future__ import annotations

from collections.abc import Iterable

from .setting_names import RENAMED


def reject_renamed(names: Iterable[str], owner: str) -> None:
    """Raise an error for the first of some arguments that ``owner`` does not have.

    Args:
        names: arguments that are not in the signature of ``owner``.
        owner: class or function, for the message.

    Raises:
        TypeError: if there is any name; the message says the new name of an argument that was renamed.
    """
    for name in names:
        new = RENAMED.get(name)
        raise TypeError(f"{owner} has no {name!r}. " + (f"It is now called {new!r}." if new else "Check the spelling."))
