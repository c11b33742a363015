"""The gallery shows each group of slices, from the farthest from the threshold to the nearest."""

import numpy as np
import pytest
import torch
from ignite.engine import Engine
from torch import nn

from scripts.evaluation.figures.gallery import draw_gallery
from scripts.evaluation.gallery import EXAMPLES, Example, Gallery, spread
from scripts.network.score import slice_scores


def batch_of(lesion_types, sizes, logits):
    """A batch of an evaluation and its output, with the same evidence everywhere in a slice."""
    count = len(lesion_types)
    image = torch.ones(count, 2, 16, 24)
    label = torch.zeros_like(image)
    label[[lesion_type == "physical" for lesion_type in lesion_types], 0, 4:8, 4:8] = 1
    batch = {"lesion_type": lesion_types, "size": torch.tensor(sizes), "row": torch.arange(count), "case": ["a", "b"]}
    batch["slice"] = torch.arange(count).reshape(2, -1)
    pred = torch.tensor(logits)[:, None, None, None].expand_as(image).clone()
    return batch, {"image": image, "pred": pred, "label": label}


@pytest.fixture
def gallery(tmp_path):
    network = nn.Module()
    network.register_buffer("threshold", torch.ones(1))
    return Gallery(network, str(tmp_path / "out"))


def run(gallery, *batch):
    state = dict(zip(("batch", "output"), batch_of(*batch), strict=True))
    engine = Engine(lambda engine, data: data["output"])
    gallery.attach(engine)
    engine.run([{**state["batch"], "output": state["output"]}])
    return state["output"]["pred"]


def test_every_slice_is_in_its_group(gallery, tmp_path):
    lesion_types = ["physical", "physical", "normal", "normal", "painted", "physical"]
    pred = run(gallery, lesion_types, [13.5, 13.5, 0.0, 0.0, 13.5, 7.0], [3.0, -2.0, 2.0, 0.0, 9.0, 9.0])
    names = {group: [example.name for example in examples] for group, examples in gallery.groups.items()}
    assert names == {"detected": ["a, slice 0"], "missed": ["a, slice 1"], "false positive": ["a, slice 2"]}
    assert gallery.groups["missed"][0].margin == pytest.approx(float(slice_scores(pred)[1]) - 1)
    assert (tmp_path / "out" / "gallery.png").stat().st_size > 10_000


def test_an_empty_gallery_is_no_error(gallery, tmp_path):
    run(gallery, ["normal", "normal"], [0.0, 0.0], [0.0, 0.0])
    assert (tmp_path / "out" / "gallery.png").exists()


def test_examples_are_spread_and_do_not_come_twice(gallery):
    logits = [float(n) for n in range(2, 2 + 10)]
    run(gallery, ["physical"] * 10, [13.5] * 10, logits)
    margins = [example.margin for example in spread(gallery.groups["detected"])]
    assert margins == pytest.approx([10, 6, 1])
    assert len(spread(gallery.groups["detected"][:2])) == 2 < EXAMPLES
    run(gallery, ["physical"] * 2, [13.5] * 2, [3.0, 3.0])
    assert len(gallery.groups["detected"]) == 2, "a new evaluation starts anew"


@pytest.mark.parametrize(("channel", "share"), [(0, 0.75), (1, 0.25)], ids=["left", "right"])
def test_the_patient_s_left_is_on_the_right_of_a_picture(channel, share, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("scripts.evaluation.figures.gallery.save", lambda *args: drawn.append(args))
    label = torch.zeros(2, 16, 24)
    label[channel, 7:9, 4:8] = 1
    draw_gallery({"detected": [Example(1 + label, 9 * label, label, 1.0, "a")]}, "lesions", tmp_path / "gallery.png")
    ((figure, _, note),) = drawn
    assert "the patient's left is on the right." in note and "not for clinical use" in note
    figure.draw_without_rendering()
    for axes in figure.axes:
        picture = axes.images[0].get_array()
        x = axes.transData.transform((np.argwhere(picture == picture.max())[:, 1].mean(), 0))[0]
        assert (x - axes.bbox.x0) / axes.bbox.width == pytest.approx(share, abs=0.02)
        letters = sorted(axes.texts, key=lambda text: text.get_position()[0])
        assert [text.get_text() for text in letters] == ["R", "L"]
