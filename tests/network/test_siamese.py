import pytest
import torch

from scripts.network.backbones import COMPACT, FAMILIES, encoder
from scripts.network.comparisons import COMPARISONS
from scripts.network.loss import AsymmetryLoss
from scripts.network.score import OUTSIDE, slice_scores, with_scores
from scripts.network.siamese import LIMIT, SiameseNetwork

BACKBONES = [*COMPACT, *FAMILIES]
SYMMETRIC = ["local", "context", "single_hemisphere", "difference"]
PIXELWISE = ["local", "context", "single_hemisphere"]


@pytest.fixture
def image(pairs):
    return pairs[:2, :, :64, 80:144].contiguous()


@pytest.fixture(params=BACKBONES)
def backbone(request):
    return request.param


@pytest.fixture(params=COMPARISONS)
def comparison(request):
    return request.param


def network(backbone="compact", comparison="local"):
    torch.manual_seed(0)
    return SiameseNetwork(backbone, comparison)


def test_trains_a_step_and_exports(backbone, comparison, image, tmp_path):
    net = network(backbone, comparison)
    label = torch.zeros_like(image)
    label[0, 0, 20:30, 20:30] = 1
    optimizer = torch.optim.SGD(net.parameters(), 0.01)
    before = [p.clone() for p in net.parameters()]
    loss = AsymmetryLoss(pixel_weight=float(comparison in PIXELWISE))(net(image), label)
    loss.backward()
    optimizer.step()
    assert torch.isfinite(loss)
    grads = [p.grad for p in net.parameters() if p.grad is not None]
    assert sum(g.abs().sum() for g in grads) > 0
    assert any(not torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))

    net.eval()
    with torch.no_grad():
        expected = net(image)
        scripted = torch.jit.script(net)
        torch.jit.save(scripted, tmp_path / "net.ts")
        assert torch.allclose(torch.jit.load(tmp_path / "net.ts")(image), expected, atol=1e-4)


@pytest.mark.parametrize("comparison_name", COMPARISONS)
def test_mirror_property(backbone, comparison_name, image):
    net = network(backbone, comparison_name).eval()
    for parameter in net.head.parameters():
        parameter.data *= 4  # an untrained comparison gives little evidence
    with torch.no_grad():
        pred, swapped = net(image), net(image.flip(1))
    error = (swapped.flip(1) - pred).abs().max().item()
    change = (slice_scores(pred) - slice_scores(swapped)).abs().max().item()
    if comparison_name in SYMMETRIC:
        assert error < 1e-5
        assert change < 1e-5
    else:
        assert change > 1e-4, "a concatenation depends on the order of the hemispheres"


def test_a_single_hemisphere_ignores_its_mirror(image):
    changed = image.clone()
    changed[:, 1] *= 2
    with torch.no_grad():
        alone = [network(comparison="single_hemisphere").eval()(pair)[:, 0] for pair in (image, changed)]
        compared = [network().eval()(pair)[:, 0] for pair in (image, changed)]
    assert torch.equal(*alone)
    assert not torch.equal(*compared)


@pytest.mark.parametrize("comparison_name", COMPARISONS)
def test_identical_hemispheres_have_equal_evidence(comparison_name, image):
    same = image[:, :1].expand(-1, 2, -1, -1)
    with torch.no_grad():
        pred = network(comparison=comparison_name).eval()(same)
    assert torch.equal(pred[:, 0], pred[:, 1])
    assert with_scores({"pred": pred})["leading_channel"].tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("comparison", "trained", "same"), [("context", True, True), ("context", False, False), ("local", True, False)]
)
def test_a_trained_network_with_context_gives_the_same_front_to_back(comparison, trained, same, image):
    net = network(comparison=comparison).train(not trained)
    with torch.no_grad():
        flipped = net(image.flip(3)).flip(3)
        assert torch.allclose(flipped, net(image), atol=1e-5) == same


def test_evidence_is_aligned_with_the_input_and_outside_is_marked(image):
    with torch.no_grad():
        pred = network().eval()(image)
    assert pred.shape == image.shape
    assert (pred[image == 0] == OUTSIDE).all()
    assert pred[image != 0].abs().max() <= LIMIT


@pytest.mark.parametrize("size", [(96, 224), (64, 160), (48, 112), (80, 208)])
def test_any_even_size(backbone, size):
    with torch.no_grad():
        assert network(backbone).eval()(torch.randn(1, 2, *size)).shape == (1, 2, *size)


def test_checkpoint_carries_the_threshold(tmp_path):
    net = network()
    net.threshold.fill_(1.25)
    torch.save(net.state_dict(), tmp_path / "model.pt")
    loaded = network()
    loaded.load_state_dict(torch.load(tmp_path / "model.pt", weights_only=True))
    assert float(loaded.threshold) == 1.25


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'alexnet42'.*compact.*resnet.*resnext.*mobilenet.*efficientnet.*vgg"):
        encoder("alexnet42")
    with pytest.raises(ValueError, match=r"'both'.*local, context, single_hemisphere, difference, concatenation"):
        SiameseNetwork(comparison="both")
    with pytest.raises(TypeError, match=r"SiameseNetwork has no 'head'\. It is now called 'comparison'"):
        SiameseNetwork(head="local")
