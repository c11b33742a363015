"""The examples of the documents run as they are printed, and their tables say what the result files say."""

import json
import re

import nibabel as nib
import pytest

from bundle.release.metadata import REPORT, eval_metrics, metadata
from bundle.research import compare
from bundle.research.benchmark.predict import as_markdown as times
from bundle.research.publish import content, publish
from bundle.research.study.markdown import as_markdown, brief
from tests.conftest import ROOT
from tests.heads import make_head

PAGES = "".join(page.read_text() for page in sorted((ROOT / "docs").glob("*.md")))


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


@pytest.mark.parametrize("name", ["shipped", "default"])
def test_results_say_what_the_file_says(name):
    shown = content(json.loads((ROOT / "docs" / f"{name}_by_size.json").read_text()))
    filled = {key: text for key, text in shown.items() if f"<!-- table {name}_{key} -->" in PAGES}
    assert {"shipped": 5, "default": 4}[name] == len(filled)
    for key, text in filled.items():
        assert f"<!-- table {name}_{key} -->\n{text}<!-- end {name}_{key} -->" in PAGES


def test_fine_tuning_says_what_the_file_says():
    table = compare.as_markdown(json.loads((ROOT / "docs" / "compared.json").read_text()))
    assert f"<!-- table compared -->\n{table}<!-- end compared -->" in PAGES


def test_times_are_what_the_file_says():
    table = times(json.loads((ROOT / "docs" / "predict.json").read_text()))
    assert f"<!-- table predict -->\n{table}<!-- end predict -->" in (ROOT / "docs" / "output.md").read_text()


def test_publish_fills_a_page_and_copies_the_pictures_that_it_shows(tmp_path):
    docs, evaluation = tmp_path / "docs", tmp_path / "eval"
    for folder in (docs, evaluation):
        folder.mkdir()
    with pytest.raises(FileNotFoundError, match=r"by_size\.json: not found\. Run the evaluation first"):
        publish("new", evaluation, docs)
    (evaluation / "by_size.json").write_text((ROOT / "docs" / "default_by_size.json").read_text())
    for picture in ("by_size", "gallery"):
        (evaluation / f"{picture}.png").write_bytes(b"picture")
    page = docs / "page.md"
    page.write_text("![](figures/new_by_size.png)\n<!-- table new_alarms -->\nSTALE\n<!-- end new_alarms -->\n")
    written = {path.relative_to(docs).as_posix() for path in publish("new", evaluation, docs)}
    assert written == {"new_by_size.json", "figures/new_by_size.png", "page.md"}
    assert "STALE" not in page.read_text() and "False positives" in page.read_text()


def test_publishing_the_shipped_one_fills_the_metadata(tmp_path, monkeypatch):
    for folder in ("docs", "eval", "configs"):
        (tmp_path / folder).mkdir()
    (tmp_path / "eval" / "by_size.json").write_text((ROOT / REPORT).read_text())
    (tmp_path / "configs" / "metadata.json").write_text("{}")
    monkeypatch.setattr("bundle.research.publish.ROOT", tmp_path)
    publish("shipped", tmp_path / "eval", tmp_path / "docs")
    assert "eval_metrics" in (tmp_path / "metadata.json").read_text()


def test_metadata_says_what_the_file_says():
    """Where this fails, ``python -m bundle metadata`` was forgotten."""
    stated = json.loads((ROOT / "configs" / "metadata.json").read_text())["eval_metrics"]
    assert stated == eval_metrics(json.loads((ROOT / REPORT).read_text()))
    assert stated["simulated_physical_7mm_auc"] < stated["simulated_physical_20mm_auc"]


def test_metadata_is_filled_in_both_places(tmp_path):
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "metadata.json").write_text('{"eval_metrics": {"stale": 1}, "name": "größer"}')
    metadata(str(ROOT / REPORT), str(tmp_path))
    written = [(tmp_path / name).read_text() for name in ("configs/metadata.json", "metadata.json")]
    assert written[0] == written[1]
    assert "größer" in written[0] and "stale" not in written[0]
    assert json.loads(written[0])["eval_metrics"]["simulated_false_positives_normal_slices"] < 0.2


@pytest.mark.parametrize("file", sorted((ROOT / "docs" / "study").glob("*.json")), ids=lambda path: path.stem)
def test_tables_of_the_study_say_what_the_file_says(file):
    table = json.loads(file.read_text())
    assert file.with_suffix(".md").read_text() == as_markdown(table)
    shown = brief(table, f"study/{file.stem}.md")
    assert f"<!-- table {file.stem} -->\n{shown}<!-- end {file.stem} -->" in PAGES


def test_every_table_of_a_page_has_its_content():
    """A pair of markers with nothing between was forgotten, or its study was never run."""
    assert re.findall(r"<!-- table (\w+) -->\n<!-- end", PAGES) == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
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
