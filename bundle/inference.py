"""Read ``configs/inference.json`` and load its network: the one way for prediction, exports and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai.bundle import ConfigParser
from torch import nn

from . import ROOT


def inference_config(settings: Mapping[str, Any] | None = None, root: Path = ROOT) -> ConfigParser:
    """Read ``configs/inference.json`` and the metadata.

    Args:
        settings: keys of the config with other values. A ``device`` may be a name such as "cpu". Of
            ``displayable_configs``, those that are given.
        root: the bundle's folder.

    Raises:
        ValueError: if a key does not exist or is no setting; the message lists the settings.
    """
    parser = ConfigParser()
    parser.read_config(root / "configs" / "inference.json")
    parser.read_meta(root / "configs" / "metadata.json")
    parser["bundle_root"] = str(root)
    settings = settings or {}
    components = {key for key, value in parser.get().items() if isinstance(value, dict) and "_target_" in value}
    unknown = sorted(set(settings) - set(parser.get()) | set(settings) & components)
    if unknown:
        known = [key for key, value in parser.get().items() if not isinstance(value, dict | list)]
        raise ValueError(f"configs/inference.json has no key {', '.join(unknown)}. Choose of: {', '.join(known)}.")
    for key, value in settings.items():
        if isinstance(value, Mapping):
            parser[key] = {**parser[key], **value}
        else:
            parser[key] = f"$torch.device('{value}')" if key == "device" else value
    return parser


def load_network(parser: ConfigParser) -> nn.Module:
    """Return the network of a config with its weights, on the config's device, ready for inference.

    Args:
        parser: see :func:`inference_config`.

    Raises:
        FileNotFoundError: if there is no file of weights.
        ValueError: if the weights do not fit the network.
    """
    network: nn.Module = parser.get_parsed_content("network")
    return parser.get_parsed_content("weights").load(network).eval()
