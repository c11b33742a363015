"""The context adds nothing at first, then what is seen from afar, on maps of any size."""

import pytest
import torch

from scripts.network.context import Context
from scripts.network.siamese import SiameseNetwork


def context(adds=0.5):
    torch.manual_seed(0)
    module = Context(4).eval()
    torch.nn.init.constant_(module.add.weight, adds)
    return module


@pytest.mark.parametrize("size", [(48, 112), (32, 80), (7, 13), (1, 1)])
def test_the_map_keeps_its_size(size):
    x = torch.randn(2, 4, *size)
    with torch.no_grad():
        assert torch.equal(context(adds=0)(x), x)
        seen = context()(x)
    assert seen.shape == x.shape
    assert not torch.equal(seen, x)


def test_it_sees_from_afar():
    x = torch.randn(1, 4, 48, 112)
    other = x.clone()
    other[:, :, 24, 40] += 5  # of pixels of 1 mm
    with torch.no_grad():
        change = (context()(other) - context()(x)).abs().amax(1)[0]
    assert change[24, 60] > 0, "half of the largest lesion is 10 mm, and the other side of it 20"
    assert change[24, 110] == 0


def test_a_trained_network_gets_a_context_that_changes_nothing(pairs):
    image = pairs[:2, :, :64, 80:144].contiguous()
    torch.manual_seed(0)
    local, with_context = (
        SiameseNetwork("compact", comparison) for comparison in ("local", "context")
    )  # in training: one way
    with_context.load_state_dict(local.state_dict(), strict=False)
    with torch.no_grad():
        assert torch.equal(with_context(image), local(image))
