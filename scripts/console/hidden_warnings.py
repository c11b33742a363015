"""Warnings of libraries that no user can act on: each is named here, and no other is hidden."""

from __future__ import annotations

import logging
import warnings

WARNINGS: tuple[tuple[type[Warning], str, str], ...] = (
    # MONAI says so of every config: ours are part of the program.
    (UserWarning, r"parsing config_file (?s:.*)GHSA-873f-pvrv-4x83", ""),
    # A faster reader of DICOM, for GPUs; without it DICOM is read as well.
    (UserWarning, "NvImgCodecPydicomReader: nvImageCodec decoder plugin did not register", ""),
    (UserWarning, "Setting affine, but the applied meta contains an affine", ""),
    # Without a GPU nothing is pinned, and nothing is lost.
    (UserWarning, "'pin_memory' argument is set as true but no accelerator is found", ""),
    # For the authors of those libraries.
    (DeprecationWarning, "", r"(ignite|tensorboard|torch\.utils\.tensorboard)(\.|$)"),
    (FutureWarning, "", r"(ignite|tensorboard|torch\.utils\.tensorboard)(\.|$)"),
)
"""Category, beginning of the message, module that warns (both regular expressions; empty: any)."""

LOGGERS = ("monai.data.nvimgcodec_pydicom_plugin",)
"""Loggers that warn of the same."""


def hide_warnings() -> None:
    """Hide what :data:`WARNINGS` and :data:`LOGGERS` list, in this process."""
    for category, message, module in WARNINGS:
        warnings.filterwarnings("ignore", message=message, category=category, module=module)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
