"""The command line of ``python -m bundle``: its help, its options, and what it says to a typing error."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import pytest

from bundle.command_line import main
from bundle.command_line.arguments import UsageError, arguments
from bundle.command_line.show import help_of, overview
from bundle.command_line.signature import read
from bundle.command_line.verbs import VERBS
from scripts.console.setting_names import RENAMED
from tests.conftest import ROOT

HELPS = """
import sys
from bundle.command_line import main
for words in (["--help"], *([*verb.split(), "--help"] for verb in VERBS)):
    try:
        main(words)
    except SystemExit as left:
        assert left.code == 0, words
assert not {"torch", "monai", "numpy"} & set(sys.modules)
"""


@pytest.fixture(autouse=True)
def _keep_the_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


def test_the_overview_fits_one_screen() -> None:
    lines = overview().splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    order = [lines.index(f"{group}:") for group in ("Use", "Research", "Release")]
    assert order == sorted(order)
    assert all(any(line.startswith(f"  {verb} ") for line in lines) for verb in VERBS)


@pytest.mark.parametrize("name", VERBS)
def test_the_help_explains_every_option(name: str) -> None:
    verb, text = VERBS[name], help_of(VERBS[name])
    signature = read(verb.place)
    for option in (*signature.options, *filter(None, (signature.rest, signature.settings))):
        assert option.text, f"{verb.place} does not explain {option.name}"
        assert option.name in text.lower() or option is signature.settings
    assert "``" not in text
    assert max(map(len, text.splitlines())) <= 100
    assert "not for clinical use" in text


def test_no_help_loads_torch() -> None:
    start = time.perf_counter()
    code = HELPS.replace("VERBS", repr(list(VERBS)))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert time.perf_counter() - start < 10, "all helps together; each takes a quarter of a second"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "Usage: python -m bundle VERB"),
        (["-h"], 0, "Usage: python -m bundle VERB"),
        (["help", "cohort"], 0, "Usage: python -m bundle cohort OUTPUT_DIR"),
        (["benchmark", "-h"], 0, "benchmark predict"),
        (["benchmark"], 2, "benchmark predict"),
        (["help", "benchmark", "predict"], 0, "--repeats N"),
        (["predict"], 2, "NIfTI files"),
        (["normative", "--help"], 0, "CONTROLS"),
    ],
)
def test_help_and_its_exit_code(words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == code
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("predct a.nii", "no verb 'predct'. Did you mean 'predict'"),
        ("benchmark predct", "Did you mean 'benchmark predict'"),
        ("predict a.nii --skull_strp none", "no option --skull_strp of predict. Did you mean 'skull_strip'"),
        ("predict a.nii --ckpt-pth x", "Did you mean 'ckpt_path'"),
        ("predict a.nii --head context", "'head' is now called 'comparison'"),
        ("export --outputdir x", "Did you mean 'output_dir'"),
        ("cohort", "OUTPUT_DIR is missing"),
        ("crossvalidate --final", "DATASET_DIR is missing"),
        ("cohort out --subjects forty", "--subjects: expected a whole number, found 'forty'"),
        ("cohort out --subjects", "--subjects needs a value"),
        ("metadata a b c", "'c' is one value too many"),
    ],
)
def test_a_wrong_word_is_one_line(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words.split())
    assert left.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert said in line


@pytest.mark.parametrize("old", [old for old, new in RENAMED.items() if new in VERBS["federate"].keys])
def test_an_old_key_names_the_new_one(old: str) -> None:
    with pytest.raises(UsageError, match=f"'{old}' is now called '{RENAMED[old]}'"):
        arguments(VERBS["federate"], ["site", f"--{old}", "1"])


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if verb.needs_input])
def test_a_verb_that_needs_input_takes_any_number(name: str) -> None:
    assert read(VERBS[name].place).rest is not None, "or it would always show its help"


def test_words_reach_the_function(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("bundle.research.crossvalidate.crossvalidate", lambda *args, **named: f"{args} {named}")
    main(["crossvalidate", "scans", "--final", "--epochs", "3"])
    assert capsys.readouterr().out == "() {'dataset_dir': 'scans', 'final': True, 'epochs': 3}\n"


@pytest.mark.parametrize(
    ("words", "rest", "named"),
    [
        ("predict 20180217_064501 1.10 2024", ["20180217_064501", "1.10", "2024"], {}),
        ("predict a.nii --output_dir 2024 --normative 1.10", ["a.nii"], {"output_dir": "2024", "normative": "1.10"}),
        ("predict --resume a.nii b.nii", ["a.nii", "b.nii"], {"resume": True}),
        ("predict a.nii --resume False --amp true", ["a.nii"], {"resume": False, "amp": True}),
        ("predict a.nii --spacing [1,1,2] --device cpu", ["a.nii"], {"spacing": [1, 1, 2], "device": "cpu"}),
        ("predict a.nii --viewer false", ["a.nii"], {"viewer": False}),
        ("predict a.nii --ages None --skull_strip none", ["a.nii"], {"ages": None, "skull_strip": "none"}),
        ("predict a --displayable_configs {first_slice:-1}", ["a"], {"displayable_configs": {"first_slice": -1}}),
        ("cohort 2024 --subjects=3 --seed -1", [], {"output_dir": "2024", "subjects": 3, "seed": -1}),
        ("cohort out 6 --split test", [], {"output_dir": "out", "subjects": 6, "split": "test"}),
        ("push --package_dir 1.10 owner/name", [], {"package_dir": "1.10", "repo": "owner/name"}),
        ("benchmark predict --spacing 1 --repeats 2", [], {"spacing": 1, "repeats": 2}),
        ("benchmark preprocessing --methods classic", [], {"methods": ("classic",)}),
        ("federate A B --rounds 2 --train::trainer::amp no", ["A", "B"], {"rounds": 2, "train::trainer::amp": "no"}),
    ],
)  # fmt: skip
def test_words_become_arguments(words: str, rest: list[str], named: dict[str, Any]) -> None:
    name = next(name for name in VERBS if words.startswith(f"{name} "))
    assert arguments(VERBS[name], words.removeprefix(name).split()) == (rest, named)
