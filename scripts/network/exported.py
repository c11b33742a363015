"""Run an exported network (TorchScript, ONNX or TensorRT) in the place of the original one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


def _torchscript(path: Path, device: torch.device) -> Callable[[Tensor], Tensor]:
    return torch.jit.load(path, map_location=device).eval()


def _onnx(path: Path, device: torch.device) -> Callable[[Tensor], Tensor]:
    import onnxruntime

    known = onnxruntime.get_available_providers()
    wanted = ["CUDAExecutionProvider"] if device.type == "cuda" else []
    providers = [name for name in [*wanted, "CPUExecutionProvider"] if name in known]
    session = onnxruntime.InferenceSession(path, providers=providers)

    def run(image: Tensor) -> Tensor:
        plain = image.as_tensor() if hasattr(image, "as_tensor") else image
        (evidence,) = session.run(["pred"], {"image": plain.float().contiguous().cpu().numpy()})
        return torch.from_numpy(evidence).to(image.device)

    return run


def _tensorrt(path: Path, device: torch.device) -> Callable[[Tensor], Tensor]:
    import torch_tensorrt  # noqa: F401  (registers the engine's operators)

    return torch.jit.load(path, map_location=device).eval()


FORMATS: dict[str, Callable[[Path, torch.device], Callable[[Tensor], Tensor]]] = {
    "model.ts": _torchscript,
    "model.onnx": _onnx,
    "model_trt.ts": _tensorrt,
}
"""File name of an export -> function that opens it."""


class ExportedNetwork(nn.Module):
    """An exported network: pairs (N, 2, H, W) in, evidence maps (N, 2, H, W) out.

    Args:
        path: of the export. Its file name says the format, see :data:`FORMATS`.
        device: to run on.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file name belongs to no known format.
    """

    run: Callable[[Any], Tensor]

    def __init__(self, path: str | Path, device: str | torch.device = "cpu") -> None:
        super().__init__()
        file = Path(path)
        if not file.exists():
            raise FileNotFoundError(f"{file}: no such file. Make the exports with 'python -m bundle export'.")
        if file.name not in FORMATS:
            raise ValueError(f"{file.name}: expected one of {', '.join(FORMATS)}. Keep the name the export gave it.")
        # Not a submodule: MONAI would look for its parameters.
        self.__dict__["run"] = FORMATS[file.name](file, torch.device(device))

    @torch.no_grad()
    def forward(self, image: Any) -> Tensor:
        """Return the evidence map (N, 2, H, W) of pairs ``image`` (N, 2, H, W)."""
        return self.run(image)
