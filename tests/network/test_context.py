"""An untrained context adds nothing, a trained one adds the surroundings, on maps of any size."""

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
        added = context()(x)
    assert added.shape == x.shape
    assert not torch.equal(added, x)


def test_it_reaches_far():
    x = torch.randn(1, 4, 48, 112)
    changed = x.clone()
    changed[:, :, 24, 40] += 5  # of pixels of 1 mm
    with torch.no_grad():
        change = (context()(changed) - context()(x)).abs().amax(1)[0]
    assert change[24, 60] > 0, "the largest lesion is 20 mm wide"
    assert change[24, 110] == 0


def test_a_trained_network_gets_a_context_that_changes_nothing(pairs):
    image = pairs[:2, :, :64, 80:144].contiguous()
    torch.manual_seed(0)
    local, with_context = (
        SiameseNetwork("compact", comparison) for comparison in ("local", "context")
    )  # in training: one way
    torch.nn.Module.load_state_dict(with_context, local.state_dict(), strict=False)  # its own takes no part
    with torch.no_grad():
        assert torch.equal(with_context(image), local(image))
