"""Unit test for the model zoo's runner: copy it to ``ci/unit_tests``, and the bundle to ``models``."""

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from monai.bundle import ConfigWorkflow

ROOT = Path("models") / "neonatal_brain_symmetry"
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


class TestNeonatalBrainSymmetry(unittest.TestCase):
    """Train, evaluate and predict on six small synthetic heads."""

    @classmethod
    def setUpClass(cls):
        sys.path.insert(0, str(ROOT.absolute()))
        from scripts.phantom.cohort import make_cohort

        cls.folder = Path(tempfile.mkdtemp())
        make_cohort(cls.folder / "cohort", subjects=6, spacing=2.5)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def check(self, kind, *names, **settings):
        paths = {"dataset_dir": str(self.folder / "cohort"), "output_dir": str(self.folder / "out")}
        files = [str(ROOT / "configs" / f"{name}.json") for name in names]
        made = ConfigWorkflow(files, workflow_type=kind, logging_file=False, **{**settings, **paths})
        made.initialize()
        self.assertFalse(made.check_properties())
        made.run()
        made.finalize()

    def test_1_train(self):
        self.check("train", "train", **TINY, ckpt_dir=str(self.folder))
        self.assertTrue((self.folder / "model.pt").exists())

    def test_2_evaluate(self):
        self.check("train", "train", "evaluate", **TINY, ckpt_dir=str(self.folder))
        self.assertTrue((self.folder / "out" / "by_size.json").exists())

    def test_3_inference(self):
        self.check("infer", "inference", bundle_root=str(ROOT), spacing=[2.0, 2.0, 4.0])
        self.assertTrue(list((self.folder / "out").rglob("*_asymmetry.json")))


if __name__ == "__main__":
    unittest.main()
