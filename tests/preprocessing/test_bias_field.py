"""A bias field is divided out of a brain: by every method, in volumes and slices, alike on both sides."""

import pytest
import torch
from monai.data import MetaTensor

from scripts.data.symbrain import preprocessing as of_slices
from scripts.preprocessing import preprocessing
from scripts.preprocessing.bias_field import DEFAULT, METHODS, N4_VOXEL_MM, CorrectBiasFieldd, correct_bias_field
from scripts.preprocessing.perturbed import preprocessing as perturbed
from tests.heads import make_head

SPACING = (3.0, 3.0, 3.0)
CORRECTING = sorted(set(METHODS) - {"none"})


@pytest.fixture(autouse=True)
def a_quick_n4(monkeypatch):
    """Few iterations on a coarse copy: enough for these brains."""
    monkeypatch.setattr("scripts.preprocessing.bias_field.N4_ITERATIONS", 8)
    monkeypatch.setitem(N4_VOXEL_MM, 3, 5.0)


def even_brain():
    """A stripped brain (1, X, Y, Z) without a field."""
    return make_head(voxel=SPACING, noise=0.01).brain.as_tensor()


def coil(shape):
    """A field that falls to one side and rises to the front."""
    across, along = (torch.linspace(-1, 1, n) for n in shape[1:3])
    field = torch.exp(0.4 * across[:, None] + 0.3 * along[None] ** 2)
    return field[None] if len(shape) == 3 else field[None, ..., None].expand(shape)


def as_given(brain, dimensions):
    """The brain, or an axial slice of it, and the spacing."""
    return (brain, SPACING) if dimensions == 3 else (brain[..., brain.shape[3] // 2], SPACING[:2])


def variation(image, even):
    """Coefficient of variation of the ratio to the brain without a field: 0 if the field is gone."""
    ratio = (image / even)[even != 0]
    return float(ratio.std() / ratio.mean())


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", CORRECTING)
def test_a_known_field_is_removed_alike_on_both_sides_and_the_background_stays_zero(method, dimensions):
    even, spacing = as_given(even_brain(), dimensions)
    given = even * coil(even.shape)
    made = correct_bias_field(given, spacing, method)
    assert variation(made, even) < 0.5 * variation(given, even)
    assert made.shape == given.shape and torch.equal(made == 0, given == 0)
    mirrored = correct_bias_field(given.flip(1), spacing, method).flip(1)
    assert torch.allclose(mirrored, made, atol=2e-3)


@pytest.mark.parametrize("method", CORRECTING)
def test_a_brain_without_a_field_hardly_changes_whatever_its_unit(method):
    even = even_brain()
    made = [correct_bias_field(unit * even, SPACING, method) / unit for unit in (1.0, 1000.0)]
    assert variation(made[0], even) < 0.05
    assert torch.allclose(made[0], made[1], atol=2e-2)


@pytest.mark.parametrize("method", METHODS)
def test_without_tissue_nothing_is_divided(method):
    for brain in (torch.zeros(1, 6, 7, 8), -torch.ones(1, 6, 7)):
        assert torch.equal(correct_bias_field(brain, SPACING[: brain.ndim - 1], method), brain)


def test_the_transform_keeps_the_meta_and_none_keeps_every_voxel():
    brain = make_head(voxel=SPACING).brain
    brain.meta["filename_or_obj"] = "a.nii.gz"
    for method in ("none", "smooth"):
        made = CorrectBiasFieldd("image", method)({"image": brain})["image"]
        assert isinstance(made, MetaTensor) and torch.equal(made.affine, brain.affine)
        assert made.meta["filename_or_obj"] == "a.nii.gz"
        assert torch.equal(made.as_tensor(), brain.as_tensor()) == (method == "none")


@pytest.mark.parametrize("chain", [preprocessing, perturbed, of_slices])
def test_every_chain_corrects_before_it_normalises_and_only_if_asked(chain):
    names = [type(step).__name__ for step in chain(bias_field="smooth").transforms]
    assert names.index("SkullStripd") < names.index("CorrectBiasFieldd") == names.index("NormalizeBraind") - 1
    assert "CorrectBiasFieldd" not in [type(step).__name__ for step in chain().transforms] and DEFAULT == "none"


def test_an_unknown_method_and_a_missing_package_are_named(monkeypatch):
    with pytest.raises(ValueError, match=r"bias_field must be one of \['n4', 'none', 'smooth'\], got 'n3'"):
        preprocessing(bias_field="n3")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"'n4' needs the package SimpleITK.*pip install SimpleITK"):
        CorrectBiasFieldd("image", "n4")
