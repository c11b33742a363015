"""A network that was exported: TorchScript, ONNX or TensorRT behind the one call that inference makes."""

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
        (found,) = session.run(["pred"], {"image": plain.float().contiguous().cpu().numpy()})
        return torch.from_numpy(found).to(image.device)

    return run


def _tensorrt(path: Path, device: torch.device) -> Callable[[Tensor], Tensor]:
    import torch_tensorrt  # noqa: F401  (registers the engine's operators)

    return torch.jit.load(path, map_location=device).eval()


FORMATS: dict[str, Callable[[Path, torch.device], Callable[[Tensor], Tensor]]] = {
    "model.ts": _torchscript,
    "model.onnx": _onnx,
    "model_trt.ts": _tensorrt,
}
"""Name of an export -> how it is opened."""


class ExportedNetwork(nn.Module):
    """An export in the place of the network it was made of: pairs (N, 2, H, W) in, evidence (N, 2, H, W) out.

    Args:
        path: of the export; its name says which kind it is, see :data:`FORMATS`.
        device: to run on.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the name is of no known kind.
    """

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
        """Return the evidence of pairs ``image``."""
        return self.run(image)
