"""The verb ``export``: TorchScript, ONNX and, with a GPU, TensorRT, each compared with ``model.pt``."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from scripts.atomic_write import write_text
from scripts.network.exported import ExportedNetwork
from scripts.network.score import slice_scores
from scripts.network.weights import sha256

from . import ROOT
from .inference import inference_config, load_network

TOLERANCE = 1e-4
"""Largest difference between the scores (logits) of an export and those of the network."""

BATCHES = (1, 8)
"""Numbers of slices with which the exports are compared."""

SIZES = ((96, 224), (64, 160))
"""Their pixels (H, W)."""

GPU_TOLERANCE = 1e-2
"""The same for TensorRT, whose convolutions round differently."""


def needs(*modules: str, gpu: bool = False) -> str:
    """Return what is missing for an export, in words; empty if nothing is."""
    missing = [name for name in modules if find_spec(name) is None]
    if gpu and not torch.cuda.is_available():
        missing.append("a GPU")
    return ", ".join(missing)


def to_torchscript(network: nn.Module, root: Path, path: Path) -> None:
    """Write TorchScript that includes the bundle's configs, as ``monai.bundle ckpt_export`` does."""
    from monai.data import save_net_with_metadata

    configs = {"inference.json": (root / "configs" / "inference.json").read_bytes()}
    metadata = json.loads((root / "configs" / "metadata.json").read_text(encoding="utf-8"))
    save_net_with_metadata(
        torch.jit.script(network), str(path), include_config_vals=False, meta_values=metadata, more_extra_files=configs
    )


def to_onnx(network: nn.Module, root: Path, path: Path) -> None:
    """Write ONNX for any number of slices of any even size."""
    names: dict[str, Any] = {"input_names": ["image"], "output_names": ["pred"]}
    dynamic = {0: "batch", 2: "height", 3: "width"}
    pair = sample(2, (96, 224))
    torch.onnx.export(
        network,
        (pair,),
        str(path),
        dynamo=False,
        opset_version=17,
        dynamic_axes={"image": dynamic, "pred": dynamic},
        **names,
    )


def to_tensorrt(network: nn.Module, root: Path, path: Path) -> None:
    """Write a TensorRT engine in TorchScript, for up to 32 slices."""
    import torch_tensorrt

    small, usual, large = ((n, 2, *size) for n, size in ((1, SIZES[1]), (8, SIZES[0]), (32, (128, 256))))
    shapes = torch_tensorrt.Input(min_shape=small, opt_shape=usual, max_shape=large)
    module = torch_tensorrt.compile(torch.jit.script(network.cuda()), ir="ts", inputs=[shapes])
    torch.jit.save(module, path)


class Export(NamedTuple):
    """One format of export.

    Attributes:
        file: its name.
        make: writes it: (network, the bundle's folder, path).
        missing: returns what is missing to make it, in words; empty if nothing is.
        tolerance: largest difference of scores (logits).
        device: that runs it.
    """

    file: str
    make: Callable[[nn.Module, Path, Path], None]
    missing: Callable[[], str]
    tolerance: float = TOLERANCE
    device: str = "cpu"


EXPORTS = (
    Export("model.ts", to_torchscript, lambda: ""),
    Export("model.onnx", to_onnx, lambda: needs("onnx", "onnxruntime")),
    Export("model_trt.ts", to_tensorrt, lambda: needs("torch_tensorrt", gpu=True), GPU_TOLERANCE, "cuda"),
)


def export(output_dir: str | None = None, root: str = str(ROOT), weights: str | None = None) -> list[dict[str, Any]]:
    """Export the network, and measure how much the scores of each export differ from its own.

    Args:
        output_dir: for the exports and ``exports.json``; by default ``models`` of the bundle.
        root: the bundle's folder.
        weights: file of the network's weights; by default ``models/model.pt``.

    Returns:
        For each format ``file`` and either ``missing`` (what is missing to make it) or ``sha256``, ``max_difference``
        of the evidence (logits), ``max_score_difference`` of the slices' scores (logits), and ``compared_on``.

    Raises:
        FileNotFoundError: if there are no weights.
        ValueError: if an export gives other scores than the network.
    """
    folder = Path(root)
    target = Path(output_dir) if output_dir else folder / "models"
    target.mkdir(parents=True, exist_ok=True)
    parser = inference_config({"device": "cpu", **({"ckpt_path": weights} if weights else {})}, folder)
    network = load_network(parser)
    rows: list[dict[str, Any]] = []
    for kind in EXPORTS:
        path, missing = target / kind.file, kind.missing()
        if missing:
            rows.append({"file": kind.file, "missing": missing})
            continue
        kind.make(network.cpu(), folder, path)
        rows.append({"file": kind.file, "sha256": sha256(path), **compare(network.cpu(), path, kind)})
    write_text(target / "exports.json", json.dumps(rows, indent=4) + "\n")
    return rows


@torch.no_grad()
def compare(network: nn.Module, path: Path, kind: Export) -> dict[str, Any]:
    """Compare an export with the network on the same pairs.

    Raises:
        ValueError: if the slices' scores differ by more than the export's tolerance.
    """
    exported = ExportedNetwork(path, kind.device)
    rows: list[dict[str, Any]] = []
    for count in BATCHES:
        for size in SIZES:
            pair = sample(count, size)
            expected, actual = network(pair), exported(pair.to(kind.device)).cpu()
            evidence = (expected - actual).abs().max()
            score = (slice_scores(expected) - slice_scores(actual)).abs().max()
            rows.append({"batch": count, "size": list(size), "evidence": float(evidence), "score": float(score)})
    worst = max(row["score"] for row in rows)
    if worst > kind.tolerance:
        raise ValueError(
            f"{path.name}: scores differ by {worst:.2g} from those of model.pt, expected {kind.tolerance:g} or less. "
            "Do not use it; export with the version of torch that metadata.json names."
        )
    return {
        "max_difference": max(row["evidence"] for row in rows),
        "max_score_difference": worst,
        "compared_on": rows,
    }


def sample(count: int, size: tuple[int, int], seed: int = 0) -> Tensor:
    """Return random pairs (N, 2, H, W): smooth noise in half an ellipse, 0 outside."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(count, 2, size[0] // 4, size[1] // 4, generator=generator)
    noise = nn.functional.interpolate(noise, size=size, mode="bilinear", align_corners=False)
    row, column = torch.meshgrid(torch.linspace(0, 1, size[0]), torch.linspace(-1, 1, size[1]), indexing="ij")
    return noise * ((row / 0.85) ** 2 + (column / 0.9) ** 2 < 1)
