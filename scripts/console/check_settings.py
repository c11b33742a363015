"""The settings of MONAI's runner, checked before anything is computed: typing errors, old names, missing paths."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from .error_line import install
from .hidden_warnings import hide_warnings
from .output import is_main_process
from .runner_arguments import RUNNER, literal, options
from .setting_names import nearest, unknown

TRACKED = ("tracking_uri", "experiment_name", "run_name", "save_execute_config")
"""Keys that ``--tracking`` adds."""

PATHS = ("bundle_root", "dataset_dir", "phantom_dir", "ckpt_dir", "output_dir", "start", "ckpt_path")
"""Keys of configs that hold a path."""

NEEDED = ("displayable_configs",)
"""Keys that paths are made of."""

WEIGHTS = {
    "evaluating": ("ckpt_dir", "Train first, or evaluate the shipped weights with --ckpt_dir {models}."),
    "calibrating": ("start", "Name the weights to calibrate with --start."),
    "training": ("start", "Name the weights to start from with --start."),
    "run": ("ckpt_path", "Name the weights with --ckpt_path."),
}
"""What is run -> key of the weights that it needs, and the cure; a config belongs to the first row that it has."""


def check_settings() -> None:
    """Check the command line of MONAI's runner, and let the process end with one line for errors of ours.

    The first entry of ``initialize`` in the configs. In any other process, a host or a test, it does nothing.

    Raises:
        SystemExit: with code 2, after one line on stderr, if a setting is wrong.
    """
    if Path(sys.argv[0]).parts[-3:] != ("monai", "bundle", "__main__.py") or sys.argv[1:2] != ["run"]:
        return
    install()
    hide_warnings()
    text = fault(sys.argv[2:])
    if text is not None:
        if is_main_process():
            print(f"error: {text}", file=sys.stderr)
        raise SystemExit(2)


def fault(words: list[str]) -> str | None:
    """Return what is wrong with the words after ``run``, in one sentence or two; None if nothing is."""
    from monai.bundle import ConfigParser

    given = options(words)
    files = literal(given.get("config_file", ""))
    files = [str(file) for file in files] if isinstance(files, list | tuple) else [str(files)]
    config = ConfigParser.load_config_files(files)
    where = " and ".join(Path(file).name for file in files)
    known = {*RUNNER, *_tracked(given)}
    values = " ".join(map(str, given.values()))
    for key in given:
        if key not in known and not re.search(rf"@{re.escape(key)}\b", values):  # a key may be made for another's use
            text = unknown(key, config, where)
            if text is not None:
                return text
    run_id = str(given.get("run_id", "run"))
    if "::" not in run_id and run_id not in config:
        runs = [key for key, value in config.items() if key == "run" or value == "%run"]
        return f"There is nothing called {run_id!r} to run in {where}.{nearest(run_id, runs)}"
    return missing({**config, **{key: literal(given[key]) for key in PATHS if key in given}})


def missing(config: dict[str, Any]) -> str | None:
    """Say which scans or weights are not where the settings look for them; None if all are.

    Args:
        config: content of the config files, with the paths of the command line.
    """
    from monai.bundle import ConfigParser

    for key in PATHS:
        if isinstance(config.get(key), int | float):
            return f"--{key} is read as the number {config[key]} by MONAI's runner: write ./ before the name."
    parser = ConfigParser({key: config[key] for key in ("imports", *NEEDED, *PATHS) if key in config})
    paths = {key: parser.get_parsed_content(key) for key in PATHS if config.get(key)}
    scans, made = paths.get("dataset_dir"), paths.get("phantom_dir", "")
    if scans and not Path(scans).exists() and Path(scans).resolve() != Path(made).resolve():
        return f"{scans}: no such file or folder. Name a folder of scans or a datalist JSON with --dataset_dir."
    key, cure = WEIGHTS[next((name for name in WEIGHTS if name in config), "run")]
    if not paths.get(key) or "export_path" in config:
        return None
    weights = Path(paths[key], "model.pt") if key == "ckpt_dir" else Path(paths[key])
    if weights.exists():
        return None
    return f"{weights}: no such file. {cure.format(models=Path(paths['bundle_root'], 'models'))}"


def _tracked(given: dict[str, Any]) -> list[str]:
    """Return the keys that ``--tracking`` brings: MONAI's own, or those of a file of settings."""
    from monai.bundle import ConfigParser

    tracking = given.get("tracking")
    if tracking is None:
        return []
    own = ConfigParser.load_config_file(tracking) if str(tracking).endswith((".json", ".yaml", ".yml")) else {}
    return [*TRACKED, *own.get("configs", {})]
