"""Checks before a bundle is published: the rules of the model zoo and our own, as rows of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).with_name("meta_schema_20240725.json")
"""MONAI's schema of ``metadata.json``."""

NEEDED = (
    *("LICENSE", "configs/metadata.json", "configs/inference.json", "configs/train.json", "configs/evaluate.json"),
    *("configs/logging.conf", "models/model.pt", "docs/README.md", "docs/data_license.txt", "scripts/__init__.py"),
)
"""Files that every bundle must have."""

LARGEST_MB = 25
"""Largest size of a file. The model zoo requires that larger ones are downloaded."""

HEADINGS = (
    *("Authors", "Tags", "Model Description", "Data", "Preprocessing", "Performance", "Additional Usage Steps"),
    *("System Configuration", "Limitations", "Citation Info", "References"),
)
"""Headings of the model zoo's model card."""

KEYS = {
    "train.json": (
        *("bundle_root", "device", "dataset_dir", "output_dir", "val_interval", "network_def", "initialize", "run"),
        *("train::trainer", "train::trainer::max_epochs", "train::dataset", "train::dataset::data", "train::handlers"),
        *("train::inferer", "train::preprocessing", "train::key_metric", "validate::evaluator", "validate::handlers"),
        *("validate::dataset", "validate::inferer", "validate::preprocessing", "validate::key_metric"),
    ),
    "inference.json": (
        *("bundle_root", "device", "dataset_dir", "output_dir", "dataset", "evaluator", "network_def", "inferer"),
        *("preprocessing", "postprocessing", "handlers", "run", "displayable_configs"),
    ),
}
"""Config -> ids that MONAI, the model zoo and the hosts require."""

WORDS = ("classification", "detection", "segmentation", "deepedit", "deepgrow")
"""With such a word in the folder's name, MONAI Label treats the bundle as another kind of task."""

PERSONAL_PATH = re.compile(r"(?<![\w.:/])(/(home|Users|root|work|tmp|mnt|data)/[\w.-]+|[A-Za-z]:\\\\?Users)")
TEXT = {".json", ".md", ".txt", ".py", ".conf", ".tsv", ""}


def _missing(folder: Path) -> Iterator[str]:
    yield from (f"{name}: missing. Add it." for name in NEEDED if not (folder / name).is_file())


def _keys(folder: Path) -> Iterator[str]:
    for name, wanted in KEYS.items():
        content = _read(folder / "configs" / name)
        for key in wanted:
            part: Any = content
            for step in key.split("::"):
                part = part.get(step) if isinstance(part, dict) else None
            if part is None:
                yield f"configs/{name}: no key {key}. Add it: MONAI and its hosts look for it."


def _version(folder: Path) -> Iterator[str]:
    metadata = _read(folder / "configs" / "metadata.json")
    version = metadata.get("version", "")
    if not re.fullmatch(r"\d+\.\d+\.\d+", str(version)):
        yield f"configs/metadata.json: version {version!r}, expected three numbers such as 0.1.0. Correct it."
    if version not in metadata.get("changelog", {}):
        yield f"configs/metadata.json: version {version} is not in its changelog. Add a line for it."


def _schema(folder: Path) -> Iterator[str]:
    try:
        from jsonschema import Draft201909Validator
    except ModuleNotFoundError:
        yield "configs/metadata.json: cannot be checked without jsonschema. Install it: pip install '.[test]'."
        return
    schema = json.loads(SCHEMA.read_text())
    for error in Draft201909Validator(schema).iter_errors(_read(folder / "configs" / "metadata.json")):
        yield f"configs/metadata.json: {'/'.join(map(str, error.path)) or 'the file'}: {error.message}. Correct it."


def _size(folder: Path) -> Iterator[str]:
    for file in _files(folder):
        if (size := file.stat().st_size / 1e6) > LARGEST_MB:
            yield f"{file.relative_to(folder)}: {size:.0f} MB, expected {LARGEST_MB} or less. Make it smaller."


def _personal(folder: Path) -> Iterator[str]:
    for file in _files(folder):
        if file.suffix in TEXT and (match := PERSONAL_PATH.search(file.read_text(encoding="utf-8", errors="ignore"))):
            yield f"{file.relative_to(folder)}: names a path of one computer, {match.group()}. Remove it."


def _json(folder: Path) -> Iterator[str]:
    for file in folder.glob("configs/*.json"):
        text = file.read_text(encoding="utf-8")
        if text != json.dumps(json.loads(text), indent=4, ensure_ascii=False) + "\n":
            yield f"configs/{file.name}: not indented by 4. Write it with json.dumps(…, indent=4)."


def _card(folder: Path) -> Iterator[str]:
    text = (folder / "docs" / "README.md").read_text(encoding="utf-8")
    titles = {line.strip("#* ").lower() for line in text.splitlines() if line.startswith("#")}
    yield from (f"docs/README.md: no heading {name!r}. Add it." for name in HEADINGS if name.lower() not in titles)
    if text.startswith("---"):
        yield "docs/README.md: begins with front matter, which a hub writes itself. Remove it."
    if "not for clinical use" not in text:
        yield "docs/README.md: does not say 'not for clinical use'. Add it."


def _names(folder: Path) -> Iterator[str]:
    if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", folder.name) or any(word in folder.name for word in WORDS):
        yield f"{folder.name}: expected small letters with _ between words, and none of {', '.join(WORDS)}. Rename it."
    if re.search(r'"image_(?!classes)', (folder / "configs" / "inference.json").read_text()):
        yield "configs/inference.json: a key begins with image_, which breaks MONAI's Spacingd. Rename it."
    formats = _read(folder / "configs" / "metadata.json")["network_data_format"]
    first = [next(iter(formats[part])) for part in ("inputs", "outputs")]
    if first != ["image", "pred"]:
        yield f"configs/metadata.json: first input and output are {first}, expected image and pred. Rename them."


def _weights(folder: Path) -> Iterator[str]:
    import torch

    for file in folder.glob("models/*.pt"):
        content = torch.load(file, map_location="cpu", weights_only=True)
        if not all(isinstance(value, torch.Tensor) for value in content.values()):
            yield f"models/{file.name}: expected a plain state_dict, found {sorted(content)[:3]}. Save that."
    shortest = min(folder.glob("models/*.pt"), key=lambda file: len(file.name)).name
    if shortest != "model.pt":
        yield f"models/{shortest}: shorter than model.pt, and hosts take the shortest name. Rename it."


CHECKS: dict[str, Callable[[Path], Iterator[str]]] = {
    "required files": _missing,
    "required keys": _keys,
    "version in the changelog": _version,
    "metadata schema": _schema,
    "file sizes": _size,
    "no personal path": _personal,
    "JSON indent 4": _json,
    "model card": _card,
    "names that hosts understand": _names,
    "plain weights": _weights,
}
"""Name of each check -> function that yields the problems of a folder."""


def faults(folder: Path) -> list[str]:
    """Return all problems of a packaged folder, each with its file and the cure; of missing files those alone."""
    missing = list(_missing(folder))
    return missing or [fault for check in CHECKS.values() for fault in check(folder)]


def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())
