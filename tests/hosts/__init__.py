"""The bundle in the real MONAI Label and MONAI Deploy, each in an environment of its own, see ``install.sh``."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec


def host_python(name: str, module: str) -> str:
    """Return the Python that has a host: that of ``MONAI_<NAME>_PYTHON``, or this one if it has; empty if none has."""
    return os.environ.get(f"MONAI_{name.upper()}_PYTHON", sys.executable if find_spec(module) else "")


def reason(name: str) -> str:
    """Say how to get a host that isn't there."""
    return (
        f"MONAI {name.title()} isn't installed: bash tests/hosts/install.sh {name} DIR, then set "
        f"MONAI_{name.upper()}_PYTHON=DIR/bin/python"
    )
