"""Training in bfloat16 is optional; without it nothing changes."""

from __future__ import annotations

import pytest
import torch

from scripts.network.inferer import BatchInferer, MixedInferer
from scripts.network.siamese import SiameseNetwork


@pytest.fixture
def network() -> SiameseNetwork:
    torch.manual_seed(0)
    return SiameseNetwork().eval()


def test_without_it_the_output_is_the_network_s(network: SiameseNetwork) -> None:
    pairs = torch.rand(3, 2, 32, 64)
    assert torch.equal(MixedInferer()(pairs, network), network(pairs))
    with torch.autocast("cpu", torch.bfloat16):  # the trainer's own mixed precision still applies
        assert MixedInferer()(pairs, torch.nn.Linear(64, 4)).dtype == torch.bfloat16


def test_with_it_the_output_is_nearly_that_and_the_loss_gets_single_precision(network: SiameseNetwork) -> None:
    pairs = torch.rand(3, 2, 32, 64)
    single, mixed = network(pairs), MixedInferer(bfloat16=True)(pairs, network)
    assert mixed.dtype == torch.float32
    assert not torch.equal(mixed, single)
    assert torch.allclose(mixed, single, atol=0.05)
    mixed.mean().backward()
    assert all(weight.grad is not None and weight.grad.dtype == torch.float32 for weight in network.parameters())


def test_a_few_slices_at_a_time_are_all_slices(network: SiameseNetwork) -> None:
    pairs = torch.rand(5, 2, 32, 64)
    assert torch.allclose(BatchInferer(batch_size=2)(pairs, network), network(pairs), atol=1e-5)
