"""``python -m bundle <verb>``: the commands round the bundle."""

from __future__ import annotations

from .command_line import main

if __name__ == "__main__":
    main()
