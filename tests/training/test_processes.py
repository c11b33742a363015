"""Two processes on a CPU train and evaluate one network."""

import json
import os
import subprocess
import sys

import pytest
import torch

from tests.conftest import ROOT, TINY

STATES = "[@network.module.state_dict(), @train::trainer.state_dict()]"
PROBE = f"$torch.save({STATES}, @output_dir + '/rank' + str(@rank) + '.pt')"


def run(name, files, settings, folder, processes):
    """Run a bundle in so many processes on the CPU."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}", "-m"]
    command += ["monai.bundle", "run", name, "--config_file", str([str(ROOT / "configs" / file) for file in files])]
    command += [word for key, value in settings.items() for word in (f"--{key}", str(value))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-9000:]


@pytest.mark.slow
def test_two_processes_evaluate_as_one(cohort, tmp_path):
    left_out = ("device", "amp", "epochs", "val_interval")
    settings = {key: value for key, value in TINY.items() if key not in left_out}
    settings.update(dataset_dir=cohort, ckpt_dir=ROOT / "models")
    tables = []
    for processes, files in ((1, ()), (2, ("multi_gpu_evaluate.json",))):
        out = tmp_path / str(processes)
        run("evaluating", ("train.json", "evaluate.json", *files), {**settings, "output_dir": out}, tmp_path, processes)
        columns = json.loads((out / "scores.json").read_text())["columns"]
        rows = zip(*(columns[key] for key in ("case", "slice", "lesion_type", "size", "score")), strict=True)
        tables.append({row[:4]: row[4] for row in rows})
    one, two = tables
    assert two == pytest.approx(one, abs=1e-4) and len(one) > 10


@pytest.mark.slow
def test_two_processes_end_with_the_same_weights_and_stage(cohort, tmp_path):
    settings = {k: v for k, v in TINY.items() if k not in ("device", "amp")}
    settings.update(dataset_dir=cohort, ckpt_dir=tmp_path / "trained", output_dir=tmp_path, epochs=6, val_interval=6)
    settings["finalize"] = [PROBE, "$dist.destroy_process_group()"]
    run("training", ("train.json", "multi_gpu_train.json"), settings, tmp_path, 2)
    (first, first_trainer), (second, second_trainer) = (
        torch.load(tmp_path / f"rank{r}.pt", weights_only=True) for r in (0, 1)
    )
    learnt = [name for name in first if "running" not in name and "num_batches" not in name and name != "threshold"]
    assert all(torch.equal(first[name], second[name]) for name in learnt)
    for name in ("curriculum_stage", "curriculum_start", "epoch_length", "iteration"):
        assert first_trainer[name] == second_trainer[name], name
    assert first_trainer["curriculum_stage"] == 1
    assert (tmp_path / "trained" / "model.pt").exists()
