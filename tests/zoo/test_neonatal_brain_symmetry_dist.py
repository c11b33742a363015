"""Unit test for the zoo's runner with two processes: copy it to ``ci/unit_tests``, and the bundle to ``models``."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path("models").absolute() / "neonatal_brain_symmetry"
TINY = {
    "bundle_root": str(ROOT),
    "spacing": [2.0, 2.0, 4.0],
    "hemisphere_size": [32, 64],
    "epochs": 1,
    "val_interval": 1,
    "scans_per_batch": 2,
    "slices_per_scan": 2,
    "val_slices": 2,
    "val_sizes": [7, 20],
    "sizes": [7, 20],
}


class TestNeonatalBrainSymmetryDist(unittest.TestCase):
    """Train and evaluate on six small synthetic heads; on GPUs if there are two, else on the CPU."""

    @classmethod
    def setUpClass(cls):
        sys.path.insert(0, str(ROOT))
        from scripts.phantom.cohort import make_cohort

        cls.folder = Path(tempfile.mkdtemp())
        make_cohort(cls.folder / "cohort", subjects=6, spacing=2.5)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def check(self, run, *names):
        folders = {"dataset_dir": "cohort", "ckpt_dir": "trained", "output_dir": "out"}
        settings = {**TINY, **{key: str(self.folder / name) for key, name in folders.items()}}
        files = [str(ROOT / "configs" / f"{name}.json") for name in names]
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", "-m"]
        command += ["monai.bundle", "run", run, "--config_file", str(files)]
        command += [word for key, value in settings.items() for word in (f"--{key}", str(value))]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})

    def test_1_train(self):
        self.check("training", "train", "multi_gpu_train")
        self.assertTrue((self.folder / "trained" / "model.pt").exists())

    def test_2_evaluate(self):
        self.check("evaluating", "train", "evaluate", "multi_gpu_evaluate")
        self.assertTrue((self.folder / "out" / "by_size.json").exists())


if __name__ == "__main__":
    unittest.main()
