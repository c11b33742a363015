"""What a bundle must be before it is given away: the zoo's published rules and our own, as rows of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).with_name("meta_schema_20240725.json")

NEEDED = (
    *("LICENSE", "configs/metadata.json", "configs/inference.json", "configs/train.json", "configs/evaluate.json"),
    *("configs/logging.conf", "models/model.pt", "docs/README.md", "docs/data_license.txt", "scripts/__init__.py"),
)
LARGEST_MB = 25
"""Of one file; the zoo wants larger ones downloaded."""

HEADINGS = (
    *("Authors", "Tags", "Model Description", "Data", "Preprocessing", "Performance", "Additional Usage Steps"),
    *("System Configuration", "Limitations", "Citation Info", "References"),
)
"""Of the zoo's model card."""

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
"""Ids that MONAI's properties, the zoo and the hosts look for."""

WORDS = ("classification", "detection", "segmentation", "deepedit", "deepgrow")
"""In a folder's name these make MONAI Label take the bundle for another kind of task."""

PERSONAL = re.compile(r"(?<![\w.:/])(/(home|Users|root|work|tmp|mnt|data)/[\w.-]+|[A-Za-z]:\\\\?Users)")
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
        yield "configs/metadata.json: not held against the schema without jsonschema. pip install '.[test]'."
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
        if file.suffix in TEXT and (found := PERSONAL.search(file.read_text(encoding="utf-8", errors="ignore"))):
            yield f"{file.relative_to(folder)}: names a place of one machine, {found.group()}. Take it out."


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
        yield "docs/README.md: begins with front matter, of which a hub writes its own. Take it out."
    if "not for clinical use" not in text:
        yield "docs/README.md: does not say 'not for clinical use'. Say it."


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
"""What is checked -> the faults that a folder has; the first row's faults hide those of the others."""


def faults(folder: Path) -> list[str]:
    """Return all that is wrong with a packaged folder: the file, what was found, and the cure; empty if nothing is."""
    missing = list(_missing(folder))
    return missing or [fault for check in CHECKS.values() for fault in check(folder)]


def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())
