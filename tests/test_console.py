"""What a user sees on the console: one line for each error, no noise, and what is done and how long it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from ignite.engine import Engine, Events
from monai.transforms import Compose

from scripts.console import check_settings as settings
from scripts.console import error_line
from scripts.console.check_settings import check_settings, fault
from scripts.console.hidden_warnings import hide_warnings
from scripts.console.output import count, duration
from scripts.console.setting_names import RENAMED
from scripts.data.cache import cached
from scripts.data.datalist import dataset
from scripts.training.progress import EvaluationProgress, TrainingProgress
from tests.conftest import EVALUATE, INFERENCE, ROOT, TRAIN

CONFIGS = {path.name: json.loads(path.read_text()) for path in (ROOT / "configs").glob("*.json")}
BOTH = f"['{TRAIN}','{EVALUATE}']"
RUNNER = ["-m", "monai.bundle", "run", "training", "--config_file", TRAIN]
ERRORS = {
    "a key": ([*RUNNER, "--epoch", "2"], 2, "There is no key 'epoch' in train.json. Did you mean 'epochs'?"),
    "a backbone": (
        [*RUNNER, "--bundle_root", str(ROOT), "--backbone", "resnett", "--dataset_dir", str(ROOT)],
        *(1, "There is no backbone 'resnett'. Did you mean 'resnet'"),
    ),
    "a scan": (["-m", "bundle", "predict", "nothere.nii"], 2, "nothere.nii: no such file or folder."),
}
"""Command -> exit code, and how its line begins."""


@pytest.fixture(scope="module")
def ended() -> dict[str, tuple[int, str, str]]:
    """All commands of :data:`ERRORS`, at once: most of their seconds are those of imports."""
    environment = {key: value for key, value in os.environ.items() if key not in (error_line.TRACEBACK, "RANK")}
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = {
        name: subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, **pipes)
        for name, (words, _, _) in ERRORS.items()
    }
    said = {name: process.communicate() for name, process in started.items()}
    return {name: (started[name].returncode, *texts) for name, texts in said.items()}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_one_line(name: str, ended: dict[str, tuple[int, str, str]]) -> None:
    code, out, err = ended[name]
    lines = [line for line in err.splitlines() if line.startswith("error: ")]
    assert (code, len(lines)) == (ERRORS[name][1], 1), out + err
    assert lines[0].startswith(f"error: {ERRORS[name][2]}")
    assert "Traceback" not in out + err
    others = [line for line in err.splitlines() if "GHSA" not in line and "create_workflow(" not in line]
    assert (out, others) == ("", lines), (
        "MONAI's warning about configs comes before ours can be heard, and nothing else"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["training", "--config_file", TRAIN], None),
        (["--run_id=training", f"--config_file={TRAIN}", "--resume"], None),
        (["training", "--config_file", TRAIN, "--train::dataset::cache_num", "0"], None),
        (["training", "--config_file", TRAIN, "--n", "3", "--epochs", "$2 * @n"], None),
        (["training", "--config_file", TRAIN, "--tracking", "mlflow", "--run_name", "a"], None),
        (["training", "--config_file", TRAIN, "--train#trainer#max_epochs", "3"], None),
        (["evaluating", "--config_file", BOTH, "--bundle_root", str(ROOT), "--ckpt-dir", str(ROOT / "models")], None),
        (["training", "--config_file", TRAIN, "--epoch", "2"], "no key 'epoch' in train.json. Did you mean 'epochs'?"),
        (["training", "--config_file", TRAIN, "--train::trainer::max_epoch", "3"], "Did you mean 'max_epochs'?"),
        (["training", "--config_file", TRAIN, "--train::handlers::99::x", "3"], "'train::handlers' has no '99'"),
        (["trainig", "--config_file", TRAIN], "nothing called 'trainig' to run in train.json. Did you mean 'training'"),
        (["training", "--config_file", TRAIN, "--dataset_dir", "/nope"], "/nope: no such file or folder."),
        (["training", "--config_file", TRAIN, "--dataset_dir", "2018_06"], "write ./ before the name"),
        (["--config_file", INFERENCE, "--dataset_dir", ".", "--ckpt_path", "no.pt"], "no.pt: no such file."),
        (["evaluating", "--config_file", BOTH, "--ckpt_dir", "no"], "with --ckpt_dir models"),
    ],
)  # fmt: skip
def test_settings_of_the_runner(words: list[str], said: str | None, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(ROOT)
    found = fault(words)
    assert found is None if said is None else said in str(found)


@pytest.mark.parametrize("old", RENAMED)
def test_every_old_key_names_its_new_one(old: str) -> None:
    keys = {file: content for file, content in CONFIGS.items() if RENAMED[old] in content}
    assert keys, "the new name is that of a key"
    for file in keys:
        files = [TRAIN, str(ROOT / "configs" / file)] if file != "inference.json" else [INFERENCE]
        for key in (old, f"train::simulation::{old}") if file == "train.json" else (old,):
            said = str(fault(["run", "--config_file", str(files), f"--{key}", "1"]))
            assert f"'{old}' is now called '{RENAMED[old]}'" in said
            assert f"--{key.replace(old, RENAMED[old])} instead of --{key}." in said


@pytest.mark.parametrize("file", [file for file, content in CONFIGS.items() if "initialize" in content])
def test_every_config_checks_its_settings_first(file: str) -> None:
    first, second, *_ = CONFIGS[file]["initialize"]
    assert first == "$sys.path.insert(1, @bundle_root)", "the check is in the bundle, wherever it is called from"
    assert second == {"_target_": "scripts.console.check_settings.check_settings"}


def test_the_check_is_for_the_runner_alone(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    words = ["run", "training", "--config_file", TRAIN, "--epoch", "2"]
    monkeypatch.setattr(sys, "argv", ["/site-packages/pytest/__main__.py", *words])
    check_settings()
    monkeypatch.setattr(sys, "argv", ["/site-packages/monai/bundle/__main__.py", *words])
    monkeypatch.setattr(settings, "hide_warnings", lambda: None)
    with pytest.raises(SystemExit) as left:
        check_settings()
    assert left.value.code == 2
    assert capsys.readouterr().err.startswith("error: There is no key 'epoch'")
    monkeypatch.setenv("RANK", "1")
    with pytest.raises(SystemExit):
        check_settings()
    assert capsys.readouterr().err == "", "of all processes of torchrun the first says it"


def _raised(make: Any, wrapped: bool = True) -> Exception:
    """Return what arrives at the top, wrapped as MONAI's parser does."""
    try:
        try:
            make()
        except Exception as error:
            if not wrapped:
                raise
            raise RuntimeError("Failed to evaluate ConfigExpression") from error
    except Exception as error:
        return error
    raise AssertionError


def test_of_all_errors_the_sentence_of_ours_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    error = _raised(lambda: dataset("nowhere", "training"))
    assert error_line.sentence(error) == error_line.sentence(
        _raised(lambda: dataset("nowhere", "training"), wrapped=False)
    )
    assert str(error_line.sentence(error)).startswith("nowhere: no such file or folder.")
    assert error_line.sentence(_raised(lambda: Path("no.pt").read_bytes())) == "no.pt: no such file or directory."
    assert error_line.sentence(_raised(lambda: json.loads("{"))) is None, "a fault of the program keeps its traceback"
    error_line._show(type(error), error, error.__traceback__)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: nowhere: no such file")
    monkeypatch.setenv(error_line.TRACEBACK, "1")
    error_line._show(type(error), error, error.__traceback__)
    assert "Traceback" in capsys.readouterr().err


def test_only_listed_warnings_are_hidden() -> None:
    with warnings.catch_warnings(record=True) as kept:
        warnings.simplefilter("always")
        hide_warnings()
        warnings.warn("parsing config_file a\nb: (see https://…/GHSA-873f-pvrv-4x83).", stacklevel=1)
        warnings.warn("'pin_memory' argument is set as true but no accelerator is found, then …", stacklevel=1)
        warnings.warn("The affine of the scan is singular.", stacklevel=1)
        warnings.warn("Call another function.", FutureWarning, stacklevel=1)
    assert [str(one.message)[:11] for one in kept] == ["The affine ", "Call anothe"]


def _run(epochs: int, start: int = 0, interval: int = 1) -> None:
    """Run a trainer of two batches with a validator, both shown."""
    validator: Any = Engine(lambda engine, batch: None)
    trainer: Any = Engine(lambda engine, batch: {"loss": torch.tensor(1.0 / (1 + engine.state.epoch))})
    names = {"key_metric_name": "val_auc", "best_metric": 0.75, "best_metric_epoch": 1}

    @trainer.on(Events.EPOCH_COMPLETED(every=interval))
    def validate(engine: Any) -> None:
        validator.state.epoch = engine.state.epoch - 1  # as MONAI's evaluator does
        validator.run([0, 1], max_epochs=engine.state.epoch)
        for name, value in {**names, "metrics": {"val_auc": 0.75}}.items():
            setattr(validator.state, name, value)

    EvaluationProgress("Evaluation", "eval").attach(validator)
    TrainingProgress(validator, "trained/model.pt").attach(trainer)
    trainer.load_state_dict({"epoch": start, "max_epochs": epochs, "epoch_length": 2})
    trainer.run([0, 1])


def test_a_training_says_what_it_does_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    _run(2)
    assert torch.equal(torch.random.get_rng_state(), before), "a bar must not change what is trained"
    assert capsys.readouterr().out.splitlines() == [
        *("Evaluation of 2 scans …", "Evaluation of 2 scans in 0 s. Files: eval"),
        "Epoch 1 of 2: loss 0.5000, val_auc 0.7500 (best 0.7500 at epoch 1), 0 s",
        *("Evaluation of 2 scans …", "Evaluation of 2 scans in 0 s. Files: eval"),
        "Epoch 2 of 2: loss 0.3333, val_auc 0.7500 (best 0.7500 at epoch 1), 0 s",
        "Trained 2 epochs in 0 s. Weights: trained/model.pt",
    ]
    _run(100, interval=200)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 11, "ten lines of a hundred epochs, and the last"
    assert lines[0] == "Epoch  10 of 100: loss 0.0909, 0 s"


def test_a_resumed_training_counts_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    _run(5, start=3)
    assert "Trained 2 epochs in 0 s." in capsys.readouterr().out


def test_caching_says_how_long_it_took(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    made = cached([1, 2, 3], Compose([lambda number: number]))
    assert list(made) == [1, 2, 3]
    assert capsys.readouterr().out.splitlines() == ["Preprocessing 3 scans …", "Preprocessed 3 scans in 0 s."]
    monkeypatch.setenv("RANK", "1")
    cached([1], Compose([lambda number: number]))
    assert capsys.readouterr().out == ""


def test_words_for_numbers() -> None:
    assert [duration(seconds) for seconds in (0.4, 59.6, 200, 4320)] == ["0 s", "1 min 0 s", "3 min 20 s", "1 h 12 min"]
    assert [count(number, "scan") for number in (0, 1, 2)] == ["0 scans", "1 scan", "2 scans"]
