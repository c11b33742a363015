import torch

from scripts.preprocessing.slices import ChooseSlicesd, Slicesd, usable_slices


def scan():
    pair = torch.zeros(2, 8, 12, 10)
    for z in range(10):
        pair[:, : min(z, 7) + 1, :, z] = z + 1
    return {"image": pair, "case": "a", "subject": "sub-a", "brain_mask": 0}


def test_usable_slices_have_enough_brain():
    assert usable_slices(scan()["image"]).tolist() == list(range(3, 10))


def test_slices_and_their_indices_go_together():
    cut = Slicesd("image")(scan())
    assert set(cut) == {"case", "subject", "slice", "image"}
    assert cut["image"].shape == (7, 2, 8, 12)
    assert cut["image"].amax((1, 2, 3)).tolist() == (cut["slice"] + 1).tolist()


def test_evenly_spread():
    chosen = ChooseSlicesd("image", 3)(Slicesd("image")(scan()))
    assert chosen["slice"].tolist() == [3, 6, 9]
    assert chosen["image"].amax((1, 2, 3)).tolist() == [4, 7, 10]


def test_random_choice_is_seeded():
    cut = Slicesd("image")(scan())
    first, second = (ChooseSlicesd("image", 5, random=True).set_random_state(seed=3)(cut) for _ in range(2))
    assert torch.equal(first["slice"], second["slice"])
    assert torch.equal(first["image"].amax((1, 2, 3)), first["slice"] + 1.0)
    other = ChooseSlicesd("image", 5, random=True).set_random_state(seed=4)(cut)
    assert not torch.equal(first["slice"], other["slice"])
