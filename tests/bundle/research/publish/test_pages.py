"""Pages are filled from results, and the committed ones are what filling them gives."""

import json

import pytest

from bundle.release.metadata import metadata
from bundle.research.publish.blocks import BLOCKS
from bundle.research.publish.pages import fill, fill_pages, pages, read_results
from bundle.research.publish.values import UnknownNameError, find, shown
from tests.conftest import ROOT

RESULTS = {
    "shipped": {
        "subjects": 40,
        "false_positive_rate": {"normal": [0.0094, 0.0041, 0.0156]},
        "physical": {
            "7": {"auc": [0.966, 0.9584, 0.9734]},
            "13.5": {"auc": [0.9953, 0.9917, 0.998]},
            "size_at_sensitivity": {"0.5": [2.55, 2.31, None]},
            "calibration": {"ece": 0.0181},
        },
    }
}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shipped.physical.7.auc", "0.97"),
        ("shipped.physical.13.5.auc", "1.00"),
        ("shipped.physical.7.auc.interval", "0.96 to 0.97"),
        ("shipped.false_positive_rate.normal", "1 %"),
        ("shipped.false_positive_rate.normal.interval", "0–2 %"),
        ("shipped.physical.size_at_sensitivity.0.5", "2.5"),
        ("shipped.physical.size_at_sensitivity.0.5.interval", "2.3 to –"),
        ("shipped.physical.calibration.ece", "0.018"),
        ("shipped.subjects", "40"),
    ],
)
def test_a_value_is_written_as_its_kind_is(name, text):
    assert shown(RESULTS, name) == text
    assert fill(f"a <!-- value {name} -->old<!-- end -->.", RESULTS) == f"a <!-- value {name} -->{text}<!-- end -->."


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("shipped.physical.8.auc", r"'shipped\.physical' has no '8\.auc'; it has 7, 13\.5, size_at_sensitivity"),
        ("other.physical", r"docs/results has no 'other\.physical'; it has shipped"),
        ("shipped.subjects.more", r"'shipped\.subjects' has no 'more'; it is a single value"),
        ("shipped.physical.7", r"is no single value: it has auc"),
        ("shipped.subjects.interval", r"only an estimate \[value, lower, upper\] has an interval"),
    ],
)
def test_a_name_that_no_result_has_says_what_there_is(name, message):
    with pytest.raises(UnknownNameError, match=message):
        fill(f"<!-- value {name} -->1<!-- end -->", RESULTS)


def test_items_of_a_list_have_numbers():
    assert find({"a": {"place": [[1.0, 2.5], 3]}}, "a.place.0.1") == 2.5


def test_a_table_is_filled_or_says_that_its_result_is_not_there_yet():
    page = "a\n<!-- table {0} -->\nOLD\n<!-- end {0} -->\nb\n"
    filled = fill(page.format("shipped_physical"), RESULTS)
    assert "OLD" not in filled and "| 13.5 | 1.00 (0.99–1.00) |" in filled and filled.endswith("-->\nb\n")
    assert "OLD" not in fill(page.format("perturbed"), RESULTS)
    assert "*Not measured yet: `python -m bundle publish perturbed`.*\n" in fill(page.format("perturbed"), RESULTS)
    with pytest.raises(UnknownNameError, match=r"page\.md: There is no table 'unheard'\. Choose of: shipped_physical"):
        fill(page.format("unheard"), RESULTS, "page.md")


@pytest.mark.parametrize("text", ["<!-- table shipped_physical -->\n", "<!-- value shipped.subjects -->40"])
def test_a_marker_without_an_end_is_refused(text):
    with pytest.raises(UnknownNameError, match=r"1 markers begin, 0 of them end"):
        fill(text, RESULTS)


@pytest.mark.parametrize("page", pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_committed_pages_are_what_filling_them_gives(page):
    """Where this fails, a number was typed by hand, or ``python -m bundle publish pages`` was forgotten."""
    text = page.read_text(encoding="utf-8")
    assert fill(text, read_results(), page.name) == text


def test_a_number_changed_by_hand_is_noticed():
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    results = read_results()
    value = find(results, "shipped.physical.7.auc")[0]
    marker = "<!-- value shipped.subjects -->"
    assert fill(text.replace(marker, f"{marker}9"), results) == text
    assert f"| 7 | {value:.2f}" in text and fill(text.replace(f"| 7 | {value:.2f}", "| 7 | 0.12"), results) == text


def test_every_result_has_its_tables_on_a_page_and_only_a_missing_one_says_so():
    text = "".join(page.read_text(encoding="utf-8") for page in pages())
    results = read_results()
    for name, (result, _) in BLOCKS.items():
        assert f"<!-- table {name} -->\n" in text, name
        missing = f"<!-- table {name} -->\n*Not measured yet" in text
        assert missing == (result not in results), name


def test_the_metadata_is_filled_with_the_pages(tmp_path):
    (tmp_path / "docs" / "results").mkdir(parents=True)
    (tmp_path / "configs").mkdir()
    (tmp_path / "docs" / "results" / "newborns.json").write_text((ROOT / "docs/results/newborns.json").read_text())
    (tmp_path / "configs" / "metadata.json").write_text('{"eval_metrics": {}}')
    (tmp_path / "README.md").write_text("AUC <!-- value newborns.all.physical.7.auc -->?<!-- end -->\n")
    changed = {path.relative_to(tmp_path).as_posix() for path in fill_pages(tmp_path)}
    assert changed == {"README.md", "configs/metadata.json", "metadata.json"}
    assert fill_pages(tmp_path) == [] and metadata(root=str(tmp_path)) == []
    numbers = json.loads((tmp_path / "metadata.json").read_text())["eval_metrics"]
    assert len(numbers) == 12 and all(name.startswith("newborns_simulated_") for name in numbers)


def test_a_page_that_names_what_is_not_there_changes_no_page(tmp_path):
    for name, marker in (("README.md", "shipped.subjects"), ("CONTRIBUTING.md", "shipped.nothing")):
        (tmp_path / name).write_text(f"<!-- value {marker} -->?<!-- end -->")
    (tmp_path / "docs" / "results").mkdir(parents=True)
    (tmp_path / "docs" / "results" / "shipped.json").write_text(json.dumps(RESULTS["shipped"]))
    with pytest.raises(UnknownNameError, match=r"CONTRIBUTING\.md: There is no value 'shipped\.nothing'"):
        fill_pages(tmp_path)
    assert "?" in (tmp_path / "README.md").read_text()
