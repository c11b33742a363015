import pytest
import torch

from scripts.simulation.lesion import Lesions
from scripts.simulation.lesion_types import LESION_TYPES, PAINTED_GREYS
from scripts.simulation.simulate import SimulateAsymmetry

CPU = torch.device("cpu")
CONDITIONS = [
    {"lesion_type": "normal"},
    {"lesion_type": "physical", "sizes": [7, 13.5]},
    {"lesion_type": "zero", "sizes": [7]},
]


def apply(pairs, lesion_type, size=10.0, **options):
    uniform = torch.rand(len(pairs), 6, generator=torch.Generator().manual_seed(3))
    lesions = Lesions.draw(torch.full((len(pairs),), size), uniform)
    return SimulateAsymmetry(**options).apply(pairs, [lesion_type] * len(pairs), lesions)


def batch(pairs, cases=("a", "b")):
    slices = torch.arange(4).reshape(2, 2)
    return {"image": pairs.reshape(2, 2, *pairs.shape[1:]), "slice": slices, "case": list(cases)}


@pytest.mark.parametrize("lesion_type", LESION_TYPES)
def test_a_lesion_type(pairs, lesion_type):
    made, mask = apply(pairs, lesion_type)
    changed = made != pairs
    lesion = mask > 0
    assert not changed[pairs == 0].any(), "the background stays exactly 0"
    if lesion_type in ("normal", "zero", "pathology"):
        assert not changed.any()
    if lesion_type in ("normal", "pathology") or lesion_type.startswith("bilateral"):
        assert not lesion.any()
    else:
        assert (lesion.any(-1).any(-1).sum(1) == 1).all(), "one hemisphere of every pair"
        assert (lesion.sum((1, 2, 3)) * 0.25 > 60).all()
    if lesion_type == "bilateral":
        shift = made - pairs
        in_both = (pairs != 0).all(1)
        assert torch.allclose(shift[:, 0][in_both], shift[:, 1][in_both], atol=1e-5)
        assert shift.abs().amax((1, 2, 3)).min() > 0.4
    if lesion_type == "painted":
        greys = [made[n][lesion[n]].unique() for n in range(len(pairs))]
        assert all(len(g) == 1 and PAINTED_GREYS[0] <= g[0] <= PAINTED_GREYS[1] for g in greys)
        assert not changed[~lesion].any()
    if lesion_type == "physical":
        shift = (made - pairs)[lesion]
        assert shift.abs().max() <= 2.5 + 1e-5
        middle = [(made - pairs)[n][lesion[n]].abs().max().item() for n in range(len(pairs))]
        assert min(middle) > 0.49, "the middle of a large lesion has its full contrast"
        assert changed.sum() > lesion.sum(), "the edge is soft"
    if lesion_type == "soft":
        steepest = (made - pairs)[lesion.any(1, keepdim=True).expand_as(made)].abs().max()
        assert 0.49 < steepest <= 2.5 + 1e-5
        assert changed.sum() > 1.3 * lesion.sum(), "no outline"


def test_texture_and_noise_stay_under_a_physical_lesion(pairs):
    made, mask = apply(pairs, "physical", size=20.0)
    for n in range(len(pairs)):
        core = torch.nn.functional.avg_pool2d(mask[n], 9, 1, 4) > 0.999
        assert made[n][core].std() == pytest.approx(pairs[n][core].std().item(), rel=1e-3)


@pytest.mark.parametrize(("sign", "larger"), [(0.2, False), (0.8, True)])
def test_a_volume_lesion_grows_or_shrinks_the_tissue(sign, larger):
    pair = torch.ones(1, 2, 96, 224)
    lesions = Lesions(*(torch.tensor([v]) for v in (20.0, 0.7, 0.5, 0.9, 0.0, 0.99, sign)))
    _, mask = SimulateAsymmetry().apply(pair, ["volume"], lesions)
    middle = mask[0, 1].nonzero().float().mean(0)
    row, column = torch.meshgrid(torch.arange(96), torch.arange(224), indexing="ij")
    spot = torch.hypot(row - middle[0], column - middle[1]) < 8
    pair[0, :, spot] = 2.0
    made, _ = SimulateAsymmetry().apply(pair, ["volume"], lesions)
    assert torch.equal(made[0, 0], pair[0, 0])
    assert made.min() >= 1 and made.max() <= 2, "intensities stay"
    ratio = float((made[0, 1] - 1).sum() / spot.sum())
    assert 1.3 < ratio < 1.65 if larger else 0.35 < ratio < 0.7


def test_several_lesion_types_are_drawn_equally_often(pairs):
    simulate = SimulateAsymmetry(lesion_type=["physical", "soft", "volume"], bilateral=1.0)
    lesion_types = []
    for _ in range(60):
        drawn = batch(pairs)
        simulate(drawn, CPU)
        lesion_types += drawn["lesion_type"]
    share = {lesion_type: lesion_types.count(lesion_type) / len(lesion_types) for lesion_type in LESION_TYPES}
    for lesion_type in ("physical", "soft", "volume", "bilateral", "bilateral_soft", "bilateral_volume"):
        assert share[lesion_type] == pytest.approx(1 / 6, abs=0.07)


def test_evaluation_is_the_same_in_any_batch(pairs):
    simulate = SimulateAsymmetry(conditions=CONDITIONS)
    both = batch(pairs)
    image, mask = simulate(both, CPU)
    assert image.shape == (16, 2, 96, 224)
    alone = {"image": both["image"][1:], "slice": both["slice"][1:], "case": ["b"]}
    image_alone, _ = simulate(alone, CPU)
    rows = [i for i, row in enumerate(both["row"].tolist()) if row >= 2]
    assert torch.equal(image[rows], image_alone)
    assert both["lesion_type"] == ["normal"] * 4 + ["physical"] * 8 + ["zero"] * 4
    physical, zero = mask[4:8], mask[12:16]
    assert torch.equal(physical, zero), "every lesion type has the same position"


def test_the_contrast_exponent_draws_the_same_lesions_with_less_contrast(pairs):
    contrast = {}
    for exponent in (1.0, 3.0):
        simulation = SimulateAsymmetry(bilateral=0.0, contrast_exponent=exponent)
        simulation.sizes = ((1.0, 15, 15),)
        torch.manual_seed(0)
        image, _ = simulation({"image": pairs[:, None]}, CPU)
        contrast[exponent] = (image[len(pairs) :] - pairs).abs().amax((1, 2, 3))
    fraction = (contrast[1.0] - 0.5) / 2  # of the range of contrasts
    assert fraction.min() < 0.5 < fraction.max()
    assert torch.allclose(contrast[3.0], 0.5 + 2 * fraction**3, atol=0.02)


def test_an_evaluation_records_the_contrast_of_its_lesions(pairs):
    simulate = SimulateAsymmetry(conditions=[{"lesion_type": "physical", "sizes": [13.5]}])
    drawn = batch(pairs)
    image, _ = simulate(drawn, CPU)
    assert torch.allclose((image - pairs).abs().amax((1, 2, 3)), drawn["contrast"], atol=0.02)
    assert len(set(drawn["contrast"].tolist())) == len(pairs)


def test_a_condition_of_several_lesion_types(pairs):
    simulate = SimulateAsymmetry(conditions=[{"lesion_type": ["soft", "volume"], "sizes": [7]}])
    drawn = batch(pairs)
    simulate(drawn, CPU)
    assert drawn["lesion_type"] == ["soft"] * 4 + ["volume"] * 4


def test_evaluation_differs_by_seed_case_slice_and_size(pairs):
    simulate = SimulateAsymmetry(conditions=CONDITIONS)
    draw = simulate._fixed_draw("a", 1, 7.0)
    assert not torch.equal(draw, simulate._fixed_draw("b", 1, 7.0))
    assert not torch.equal(draw, simulate._fixed_draw("a", 2, 7.0))
    assert not torch.equal(draw, simulate._fixed_draw("a", 1, 9.0))
    assert not torch.equal(draw, SimulateAsymmetry(conditions=CONDITIONS, seed=1)._fixed_draw("a", 1, 7.0))


def test_training_draws_half_asymmetric_and_both_sides(pairs):
    simulate = SimulateAsymmetry(bilateral=0.2)
    torch.manual_seed(0)
    lesion_types, sides = [], []
    for _ in range(60):
        drawn = batch(pairs)
        _, mask = simulate(drawn, CPU)
        lesion_types += drawn["lesion_type"]
        sides += mask.flatten(2).amax(2)[mask.flatten(1).amax(1) > 0].argmax(1).tolist()
    share = {lesion_type: lesion_types.count(lesion_type) / len(lesion_types) for lesion_type in LESION_TYPES}
    assert share["physical"] == pytest.approx(0.5, abs=0.1)
    assert share["bilateral"] == pytest.approx(0.1, abs=0.06)
    assert sum(sides) / len(sides) == pytest.approx(0.5, abs=0.15)


def test_mirrored_pairs_get_mirrored_lesions(pairs):
    uniform = torch.rand(4, 6, generator=torch.Generator().manual_seed(3))
    opposite = uniform.clone()
    opposite[:, 0] = (opposite[:, 0] + 0.5) % 1  # the other hemisphere
    size = torch.full((4,), 9.0)
    simulate = SimulateAsymmetry()
    image, mask = simulate.apply(pairs, ["physical"] * 4, Lesions.draw(size, uniform))
    swapped, swapped_mask = simulate.apply(pairs.flip(1), ["physical"] * 4, Lesions.draw(size, opposite))
    assert torch.equal(image, swapped.flip(1))
    assert torch.equal(mask, swapped_mask.flip(1))


def test_an_unknown_lesion_type_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'stripes'.*physical, soft"):
        SimulateAsymmetry(lesion_type="stripes")
    with pytest.raises(ValueError, match=r"'odd'"):
        SimulateAsymmetry(conditions=[{"lesion_type": "odd"}])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "physical"}, "SimulateAsymmetry has no 'kind'. It is now called 'lesion_type'"),
        ({"faint": 3.0}, "SimulateAsymmetry has no 'faint'. It is now called 'contrast_exponent'"),
        (
            {"conditions": [{"kind": "soft", "sizes": [7]}]},
            "A condition of .* no 'kind'. It is now called 'lesion_type'",
        ),
        ({"colour": 1}, "SimulateAsymmetry has no 'colour'. Check the spelling"),
    ],
)
def test_an_old_name_is_an_error_that_says_the_new_one(arguments, message):
    with pytest.raises(TypeError, match=message):
        SimulateAsymmetry(**arguments)
