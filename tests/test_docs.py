"""The pages are short, plain, true and complete: examples run, links lead somewhere, tables match the files."""

import json
import re

import nibabel as nib
import pytest

from bundle.command_line.signature import read
from bundle.command_line.verbs import VERBS
from bundle.release.metadata import REPORT, eval_metrics, metadata
from tests.conftest import ROOT
from tests.heads import make_head

FILES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "models" / "README.md", *(ROOT / "docs").glob("*.md")]
CONFIGS = {path.name: json.loads(path.read_text()) for path in (ROOT / "configs").glob("*.json")}
every_page = pytest.mark.parametrize("page", sorted(FILES), ids=lambda path: path.relative_to(ROOT).as_posix())


@pytest.mark.parametrize("page", ["preprocessing.md"])
def test_examples_run(page, tmp_path, monkeypatch):
    head = make_head("LPS", yaw=6.0, voxel=(2.5, 3.0, 3.5))
    nib.save(nib.Nifti1Image(head.image[0].numpy(), head.image.affine.numpy()), tmp_path / "head.nii.gz")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, names)
    assert abs(names["tilt"]["yaw"] - 6.0) < 1.5
    assert names["back"].shape == names["aligned"].shape


def test_metadata_says_what_the_file_says():
    """Where this fails, ``python -m bundle metadata`` was forgotten."""
    stated = json.loads((ROOT / "configs" / "metadata.json").read_text())["eval_metrics"]
    assert stated == eval_metrics(json.loads((ROOT / REPORT).read_text()))
    assert stated["newborns_simulated_physical_7mm_auc"] < stated["newborns_simulated_physical_20mm_auc"]


def test_metadata_is_filled_in_both_places(tmp_path):
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "metadata.json").write_text('{"eval_metrics": {"stale": 1}, "name": "größer"}')
    metadata(str(ROOT / REPORT), str(tmp_path))
    written = [(tmp_path / name).read_text() for name in ("configs/metadata.json", "metadata.json")]
    assert written[0] == written[1]
    assert "größer" in written[0] and "stale" not in written[0]
    assert json.loads(written[0])["eval_metrics"]["newborns_simulated_false_positives_normal_slices"] < 0.2


@every_page
def test_links_of_a_page_lead_somewhere(page):
    for name, heading in re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", page.read_text()):
        if "://" not in name:
            target = page.parent / name if name else page
            assert target.exists(), name
            assert not heading or heading in headings(target.read_text()), f"{name}#{heading}"


def headings(text):
    """The anchors that GitHub gives to the headings of a page."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_readme_is_one_screen_or_two():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 110


def test_ci_runs_the_second_command_of_the_readme():
    first, second, *_ = re.findall(r"```bash\n(.*?)\n```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert "run training" in first and "run evaluating" in first and "\n" not in first
    assert second in (ROOT / ".ci" / "run").read_text().splitlines()


def test_the_docs_are_small():
    megabytes = sum(file.stat().st_size for file in (ROOT / "docs").rglob("*") if file.is_file()) / 1e6
    assert megabytes <= 2.5


@every_page
def test_no_page_names_an_earlier_version(page):
    current, *earlier = json.loads((ROOT / "configs" / "metadata.json").read_text())["changelog"]
    text = page.read_text()
    named = {version for version in earlier if re.search(rf"(?<![\d.]){re.escape(version)}(?![\d.]*\d)", text)}
    named |= set(re.findall(r"\b(?:v|versions?\s+)(0\.\d+(?:\.\d+)*)", text, re.IGNORECASE)) - {current}
    assert not named


@every_page
def test_numbers_in_a_sentence_stand_between_markers_that_work(page):
    text = page.read_text()
    values = re.findall(r"<!-- value ([\w.]+) -->(.*?)<!-- end -->", text)
    assert len(values) == text.count("<!-- value ") == text.count("<!-- end -->")
    assert all(shown for _, shown in values)
    assert not re.search(r"^\s*(?:[-*] )?<!-- value ", text, re.MULTILINE), "Markdown ends a paragraph there"


@every_page
def test_commands_of_a_page_exist(page):
    text = page.read_text().replace("\\\n", " ")
    for command in re.findall(r"python -m bundle (\w[^`\n#&]*)", text):
        verb = next(verb for name, verb in VERBS.items() if f"{command} ".startswith(f"{name} "))
        options = {option.name for place in (verb.place, *verb.parts) for option in read(place).options}
        any_other = read(verb.place).settings is not None and not verb.parts and not verb.keys  # the verb knows best
        assert any_other or flags(command) <= options | set(verb.keys), command
    others = {"config_file", "meta_file", "filepath", "ckpt_file", "precision", "tracking", *CONFIGS["train.json"]}
    for command in re.findall(r"-m monai\.bundle ([^`\n]*)", text):
        files = re.findall(r"configs/([\w.]+)", command)
        assert flags(command) <= others.union(*(CONFIGS[name] for name in files)), command


def flags(command):
    """The options of a command, but for the full names of parts."""
    return {flag for flag in re.findall(r"--(\w[\w:]*)", command) if "::" not in flag}
