"""Two processes on a CPU train one network."""

import os
import subprocess
import sys

import pytest
import torch

from tests.conftest import ROOT, TINY, TRAIN

STATES = "[@network.module.state_dict(), @train::trainer.state_dict()]"
PROBE = f"$torch.save({STATES}, @output_dir + '/rank' + str(@rank) + '.pt')"


@pytest.mark.slow
def test_two_processes_end_with_the_same_weights_and_stage(cohort, tmp_path):
    settings = {k: v for k, v in TINY.items() if k not in ("device", "amp")}
    settings.update(dataset_dir=cohort, ckpt_dir=tmp_path / "trained", output_dir=tmp_path, epochs=6, val_interval=6)
    settings["finalize"] = [PROBE, "$dist.destroy_process_group()"]
    multi = str(ROOT / "configs" / "multi_gpu_train.json")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", "-m"]
    command += ["monai.bundle", "run", "training", "--config_file", f"['{TRAIN}','{multi}']"]
    command += [word for key, value in settings.items() for word in (f"--{key}", str(value))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-9000:]

    (first, first_trainer), (second, second_trainer) = (
        torch.load(tmp_path / f"rank{r}.pt", weights_only=True) for r in (0, 1)
    )
    learnt = [name for name in first if "running" not in name and "num_batches" not in name and name != "threshold"]
    assert all(torch.equal(first[name], second[name]) for name in learnt)
    for name in ("curriculum_stage", "curriculum_start", "epoch_length", "iteration"):
        assert first_trainer[name] == second_trainer[name], name
    assert first_trainer["curriculum_stage"] == 1
    assert (tmp_path / "trained" / "model.pt").exists()
