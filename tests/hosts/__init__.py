"""The bundle in the real MONAI Label and MONAI Deploy, each in an environment of its own, see ``install.sh``."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec


def host_python(name: str, module: str) -> str:
    """Return the Python with a host: ``MONAI_<NAME>_PYTHON``, or this one if it has the module; empty if none has."""
    return os.environ.get(f"MONAI_{name.upper()}_PYTHON", sys.executable if find_spec(module) else "")


def reason(name: str) -> str:
    """Return how to install a host that is missing."""
    return (
        f"MONAI {name.title()} is not installed: bash tests/hosts/install.sh {name} DIR, then set "
        f"MONAI_{name.upper()}_PYTHON=DIR/bin/python"
    )
