import pytest
import torch
import torch.nn.functional as F

from scripts.blur import blur


def test_keeps_the_sum_and_with_no_width_the_image():
    image = torch.zeros(1, 41, 41)
    image[0, 20, 20] = 1
    assert blur(image, 1.5).sum().item() == pytest.approx(1, abs=1e-5)
    assert torch.equal(blur(image, 0), image)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("sigma", [0.4, 2.0, 9.0])
def test_is_a_convolution_along_one_axis(axis, sigma):
    image = torch.rand(11, 12, 13, generator=torch.Generator().manual_seed(0))
    radius = int(-(-3 * sigma // 1))
    kernel = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma).square())
    moved = image.movedim(axis, -1)
    lines = moved.reshape(-1, 1, moved.shape[-1])
    expected = F.conv1d(lines, (kernel / kernel.sum())[None, None], padding=radius).reshape(moved.shape)
    assert torch.allclose(blur(image, sigma, [axis]), expected.movedim(-1, axis), atol=1e-6)
