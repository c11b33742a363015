"""A changed appearance keeps anatomy and background, and looks different."""

from __future__ import annotations

import pytest
import torch

from scripts.training.appearance import RandAppearanced


@pytest.fixture
def slices() -> torch.Tensor:
    image = torch.nn.functional.interpolate(
        torch.randn(4, 2, 12, 28, generator=torch.Generator().manual_seed(0)), (48, 112)
    )
    image[:, :, 40:] = 0
    return image


def changed(slices: torch.Tensor, seed: int, prob: float = 1.0) -> torch.Tensor:
    return RandAppearanced("image", prob).set_random_state(seed)({"image": slices})["image"]


@pytest.mark.parametrize("seed", range(5))
def test_background_and_scale_stay(slices: torch.Tensor, seed: int) -> None:
    made = changed(slices, seed)
    assert torch.equal(made != 0, slices != 0)
    assert torch.isfinite(made).all()
    assert float(made[made != 0].std()) == pytest.approx(float(slices[slices != 0].std()), rel=0.4)
    both = torch.stack([made[made != 0], slices[slices != 0]])
    assert float(torch.corrcoef(both)[0, 1]) > 0.7


def test_a_seed_gives_one_image(slices: torch.Tensor) -> None:
    assert torch.equal(changed(slices, 1), changed(slices, 1))
    assert not torch.equal(changed(slices, 1), changed(slices, 2))


def test_never_is_never(slices: torch.Tensor) -> None:
    assert torch.equal(changed(slices, 1, prob=0.0), slices)


def test_a_bias_field_is_no_mirror_image(slices: torch.Tensor) -> None:
    field = RandAppearanced("image").set_random_state(3)._bias(slices)
    assert field.shape == slices.shape[1:] and not torch.allclose(field[0], field[1])
    assert torch.allclose(field[0, 0], field[1, 0], atol=0.02), "it is one field, even at the midline"
