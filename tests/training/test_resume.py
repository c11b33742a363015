"""A training that was interrupted and resumed ends like one that was not."""

import pytest
import torch


def weights(workflow):
    return {k: v.clone() for k, v in workflow.parser.get_parsed_content("network").state_dict().items()}


def stop_at(workflow, epoch):
    from ignite.engine import Events

    trainer = workflow.parser.get_parsed_content("train::trainer")

    @trainer.on(Events.EPOCH_COMPLETED)
    def _stop(engine):
        if engine.state.epoch == epoch:
            engine.terminate()


PATCHES, PATHOLOGIES = "physical", ["physical", "pathology"]


@pytest.mark.parametrize(("workers", "lesion_type"), [(0, PATCHES), (2, PATCHES), (2, PATHOLOGIES)])
def test_resumed_training_ends_the_same(workflow, tmp_path, workers, lesion_type):
    # Two stages of two epochs each and more; the stop is in the middle of the second.
    options = {"curriculum": "rehearsing", "epochs": 6, "patience": 100, "num_workers": workers, "flip_ap_prob": 0.5}
    options |= {"lesion_type": lesion_type, "pathologies_per_scan": 3}
    if lesion_type == PATHOLOGIES:
        options["train::dataset::cache_dir"] = str(tmp_path / "pairs")  # the shared ones have none
    uninterrupted = workflow(ckpt_dir=str(tmp_path / "uninterrupted"), **options)
    uninterrupted.run()

    stopped = workflow(ckpt_dir=str(tmp_path / "parts"), **options)
    stop_at(stopped, epoch=3)
    stopped.run()
    resumed = workflow(ckpt_dir=str(tmp_path / "parts"), resume=True, **options)
    resumed.run()

    states = [w.parser.get_parsed_content("train::trainer").state for w in (uninterrupted, resumed)]
    for name in ("epoch", "iteration", "curriculum_stage", "curriculum_start"):
        assert getattr(states[0], name) == getattr(states[1], name), name
    sizes = [w.parser.get_parsed_content("train::simulation").sizes for w in (uninterrupted, resumed)]
    assert states[0].curriculum_stage == 1
    assert states[0].epoch == 6
    assert sizes[0] == sizes[1]
    first, second = weights(uninterrupted), weights(resumed)
    assert all(torch.equal(first[name], second[name]) for name in first)
    curves = [(tmp_path / folder / "training.tsv").read_text() for folder in ("uninterrupted", "parts")]
    assert curves[0] == curves[1] and len(curves[0].splitlines()) == 7


def test_resumed_training_keeps_the_best_network(workflow, tmp_path):
    first = workflow(epochs=2)
    first.run()
    record = first.parser.get_parsed_content("checkpoint::best").state_dict()
    second = workflow(epochs=3, resume=True)
    second.run()
    after = second.parser.get_parsed_content("checkpoint::best").state_dict()
    assert after["_saved"][0][0] >= record["_saved"][0][0]


def test_last_checkpoint_loads_without_pickled_code(workflow, tmp_path):
    workflow(epochs=1).run()
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert set(state) == {"model", "optimizer", "lr_scheduler", "trainer", "best"}
    assert isinstance(state["trainer"]["curriculum_stage"], int)
    plain = torch.load(tmp_path / "model.pt", weights_only=True)
    assert all(torch.is_tensor(v) for v in plain.values()), "model.pt is the plain state_dict"
    shortest = min(tmp_path.glob("*.pt"), key=lambda file: len(file.name))
    assert shortest.name == "model.pt", "hosts take this one, also from a folder with a training"
