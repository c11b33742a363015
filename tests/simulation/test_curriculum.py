from types import SimpleNamespace

import pytest
import torch
from ignite.engine import Engine, Events

from scripts.simulation import curriculum
from scripts.simulation.curriculum import CURRICULA, Curriculum, Stage, draw_sizes
from scripts.simulation.lesion import SIZES


def stages_of(name, epochs, validator=None, state=None, until=None):
    """Run a curriculum for some epochs; return the stage and the sizes of each, and the trainer's state."""
    simulation = SimpleNamespace(sizes=())
    trainer = Engine(lambda engine, batch: None)
    handler = Curriculum(name, simulation, validator)
    handler.attach(trainer)
    stages = []
    trainer.add_event_handler(
        Events.EPOCH_COMPLETED, lambda e: stages.append((e.state.curriculum_stage, simulation.sizes))
    )
    if state:
        trainer.load_state_dict(state)
    if until:
        trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda e: e.terminate() if e.state.epoch == until else None)
    trainer.run([0], max_epochs=epochs, epoch_length=1)
    return stages, trainer.state_dict()


@pytest.mark.parametrize("name", CURRICULA)
def test_shares_fill_the_training_and_sizes_are_in_range(name):
    assert sum(stage.share for stage in CURRICULA[name]) == pytest.approx(1)
    for stage in CURRICULA[name]:
        drawn = draw_sizes(stage.sizes, torch.rand(500, 2))
        low, high = min(s[1] for s in stage.sizes), max(s[2] for s in stage.sizes)
        assert drawn.min() >= low - 1e-4
        assert drawn.max() <= high + 1e-4


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mixed", [0] * 20),
        ("rehearsing", [0] * 8 + [1] * 12),
        ("ascending", [n // 2 for n in range(20)]),
        ("descending", [n // 2 for n in range(20)]),
    ],
)
def test_stages_follow_the_table(name, expected):
    stages, _ = stages_of(name, 20)
    assert [stage for stage, _ in stages] == expected
    assert [sizes for _, sizes in stages] == [CURRICULA[name][stage].sizes for stage in expected]


def test_ascending_and_descending_take_the_sizes_in_order():
    assert [s.sizes[0][1] for s in CURRICULA["ascending"]] == list(SIZES)
    assert [s.sizes[0][1] for s in CURRICULA["descending"]] == list(SIZES)[::-1]


def test_weights_of_the_ranges():
    drawn = draw_sizes(((0.25, 1, 2), (0.75, 10, 20)), torch.rand(4000, 2))
    assert (drawn > 5).float().mean().item() == pytest.approx(0.75, abs=0.03)


def test_stage_is_resumed():
    uninterrupted, end = stages_of("ascending", 20)
    before, state = stages_of("ascending", 20, until=13)
    after, resumed = stages_of("ascending", 20, state=state)
    assert before + after == uninterrupted
    assert resumed["curriculum_stage"] == end["curriculum_stage"] == 9
    assert resumed["curriculum_start"] == end["curriculum_start"]


def test_gate_ends_a_stage_early(monkeypatch):
    validator = SimpleNamespace(state=SimpleNamespace(metrics={"auc": 0.5}, key_metric_name="auc"))
    gated = (Stage(0.8, ((1.0, 7, 7),), gate=0.9), Stage(0.2, ((1.0, 3, 3),)))
    monkeypatch.setitem(curriculum.CURRICULA, "gated", gated)
    assert [s for s, _ in stages_of("gated", 10, validator)[0]] == [0] * 8 + [1] * 2
    validator.state.metrics["auc"] = 0.95
    assert [s for s, _ in stages_of("gated", 10, validator)[0]] == [0] + [1] * 9


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'steep'.*rehearsing, .*mixed.*single_13.5"):
        Curriculum("steep", SimpleNamespace(sizes=()))
