"""The file of a network's weights, read once for everything that depends on it."""

from __future__ import annotations

import hashlib
import pickle
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events
from torch import Tensor, nn

from .architecture import backbone_of, comparison_of


class Weights:
    """A file of weights. It is read when something first needs its content, and only once.

    The configs hold one such component and refer to it: ``"$@weights.backbone"``. Tools that export or check the
    network build it in any folder, before the file exists. The defaults then say which network to build.

    Args:
        path: file with the ``state_dict`` of a :class:`scripts.network.siamese.SiameseNetwork`, or a checkpoint of a
            training, which holds it under the key ``model``.
        backbone: default of :attr:`backbone` if there is no such file.
        comparison: default of :meth:`comparison_on` if there is no such file.

    Attributes:
        path: as given.
    """

    def __init__(self, path: str | Path, backbone: str = "compact", comparison: str = "local") -> None:
        self.path = Path(path)
        self._default_backbone, self._default_comparison = backbone, comparison

    @cached_property
    def state_dict(self) -> dict[str, Tensor]:
        """The weights by name, on the CPU.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if the file holds no weights.
        """
        if not self.path.exists():
            raise FileNotFoundError(f"{self.path}: no such file. Expected the weights of a network; check the path.")
        try:
            content = torch.load(self.path, map_location="cpu", weights_only=True)
            return dict(content.get("model", content))
        except (AttributeError, EOFError, RuntimeError, TypeError, ValueError, pickle.UnpicklingError) as error:
            reason = (str(error).splitlines() or [""])[0]
            raise ValueError(
                f"{self.path}: expected the weights of a network (a state_dict), found another file or a damaged one "
                f"({reason}). Get the file again, or name another one."
            ) from error

    @cached_property
    def backbone(self) -> str:
        """The backbone that the weights belong to, by their shapes; the default if there is no file."""
        return backbone_of(self.state_dict, self.path) if self.path.exists() else self._default_backbone

    def comparison_on(self, backbone: str) -> str:
        """Return the comparison that the weights belong to, by their shapes; the default if there is no file.

        Args:
            backbone: of the network, which need not be one that :attr:`backbone` recognises.
        """
        if not self.path.exists():
            return self._default_comparison
        return comparison_of(self.state_dict, backbone, self.path)

    @property
    def threshold(self) -> float:
        """The slice score (a logit) above which a slice counts as asymmetric; 0 if there is no file."""
        return float(self.state_dict.get("threshold", 0.0)) if self.path.exists() else 0.0

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file in hexadecimal digits; empty if there is no file."""
        return sha256(self.path) if self.path.exists() else ""

    def load(self, network: nn.Module, strict: bool = True) -> nn.Module:
        """Put the weights into a network.

        Args:
            network: changed in place; within ``DistributedDataParallel`` the network that it wraps.
            strict: all names must agree; else weights that only one of the two has are left as they are.

        Returns:
            The same network.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if the weights do not fit the network.
        """
        target: Any = getattr(network, "module", network)
        try:
            # The network's own method never takes a part of the weights.
            nn.Module.load_state_dict(target, self.state_dict, strict=strict)
        except RuntimeError as error:
            difference = _difference(self.state_dict, target.state_dict())
            raise ValueError(
                f"{self.path}: the weights do not fit the network: {difference}. Name the backbone and the comparison "
                "that they were trained with, or other weights."
            ) from error
        return network


class NetworkCheckpointLoader:
    """Put weights into a network when an engine starts; a handler.

    It does what MONAI's ``CheckpointLoader`` does, from a file that is read once. Its name ends like that one's:
    MONAI's federated client switches such handlers off, as it sends the weights itself.

    Args:
        weights: the file of weights.
        network: changed in place.
        strict: see :meth:`Weights.load`.
    """

    def __init__(self, weights: Weights, network: nn.Module, strict: bool = True) -> None:
        self.weights, self.network, self.strict = weights, network, strict

    def attach(self, engine: Engine) -> None:
        """Subscribe to the start of the engine."""
        engine.add_event_handler(Events.STARTED, self)

    def __call__(self, engine: Engine) -> None:
        self.weights.load(self.network, self.strict)


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file's content in hexadecimal digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _difference(state_dict: dict[str, Tensor], expected: dict[str, Tensor]) -> str:
    """Say how many weights are missing, unknown or of another shape, with the first of each."""
    groups = {
        "missing": [name for name in expected if name not in state_dict],
        "unknown": [name for name in state_dict if name not in expected],
        "of another shape": [n for n, v in state_dict.items() if n in expected and v.shape != expected[n].shape],
    }
    return ", ".join(f"{len(names)} {kind} ({names[0]})" for kind, names in groups.items() if names)
