"""The backbone and the comparison of a network are recognised by its weights."""

from __future__ import annotations

import pytest
import torch

from scripts.network.architecture import backbone_of, comparison_of
from scripts.network.backbones import COMPACT, FAMILIES
from scripts.network.comparisons import COMPARISONS
from scripts.network.siamese import SiameseNetwork


@pytest.mark.parametrize("backbone", [*COMPACT, *FAMILIES])
def test_a_backbone_is_recognised(backbone: str) -> None:
    weights = SiameseNetwork(backbone).state_dict()
    before = torch.get_rng_state()
    assert backbone_of(weights, "model.pt") == backbone
    assert torch.equal(torch.get_rng_state(), before), "a training must not depend on it"


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_a_comparison_is_recognised(comparison: str) -> None:
    weights = SiameseNetwork("compact_large", comparison).state_dict()
    assert backbone_of(weights, "model.pt") == "compact_large"
    assert comparison_of(weights, "compact_large", "model.pt") == comparison


def test_unknown_weights_are_an_error_that_names_the_file() -> None:
    weights = SiameseNetwork("resnet26").state_dict()
    with pytest.raises(ValueError, match=r"model\.pt: expected the weights of one of .*compact_large.*vgg.*'backbone'"):
        backbone_of(weights, "model.pt")
    with pytest.raises(
        ValueError, match=r"model\.pt: expected the weights of one of the comparisons local, .*'compact'"
    ):
        comparison_of(weights, "compact", "model.pt")
    assert comparison_of(weights, "resnet26", "model.pt") == "local", "the backbone need not have a name of ours"
