"""``docs/settings.md`` documents every key at the top of the configs, with its default."""

import json
import re

import pytest

from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "settings.md").read_text()
SECTIONS = dict(re.findall(r"^## [^\n]*: configs/(\w+)\.json\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
DEFAULTS = {
    "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')": "first GPU, else CPU",
    "$torch.cuda.is_available()": "only with a GPU",
    "$@bundle_root + '/models/' + @displayable_configs::model_filename": "`models/model.pt`",
    "scripts.training.fast_bfloat16.where_fast": "only on a CPU that computes in it",
}
"""How the page writes defaults that are worked out."""


def config(name):
    return json.loads((ROOT / "configs" / f"{name}.json").read_text())


def rows(name, columns):
    """The cells of a section's tables of so many columns, by the key that a row begins with."""
    lines = [line.strip("| ").split(" | ") for line in SECTIONS[name].splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in lines if len(cells) == columns}


def parts(name):
    """The keys of the table of parts; other tables of two columns explain values."""
    table = re.search(r"^\| part \|.*?\n\n|^\| part \|.*\Z", SECTIONS[name] + "\n\n", re.DOTALL | re.MULTILINE)[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


def shown(value):
    """A default as the page writes it."""
    value = value.get("_target_", value) if isinstance(value, dict) else value
    if not isinstance(value, str):
        return f"`{json.dumps(value)}`"
    if value in DEFAULTS:
        return DEFAULTS[value]
    if value.startswith("@"):
        return f"same as `{value[1:]}`"
    path = re.sub(r"^\$@bundle_root \+ '/([^']*)'$", r"\1", value)
    return f"`{path}`"


def is_setting(value):
    """Whether a user sets it: a number, a name, a path or a list of these; no object and no other expression."""
    if isinstance(value, list):
        return not any(isinstance(item, dict | str) for item in value)
    computed = isinstance(value, str) and value.startswith(("$", "%")) and shown(value) == f"`{value}`"
    return not isinstance(value, dict) and not computed


def look_up(content, key):
    for step in () if key in content else key.split("::"):
        content = content[step]
    return content.get(key, content) if isinstance(content, dict) else content


@pytest.mark.parametrize("name", SECTIONS)
def test_every_key_is_documented(name):
    content = config(name)
    documented = {key.split("::")[0] if key not in content else key for key in rows(name, 4)} | set(parts(name))
    assert documented == set(content)
    settings = {key for key, value in content.items() if "::" not in key and is_setting(value)}
    assert settings - set(rows(name, 4)) - {"cuda"} == set(), "a setting needs its default"


@pytest.mark.parametrize("name", SECTIONS)
def test_every_default_is_that_of_the_file(name):
    stated = {key: cells[0] for key, cells in rows(name, 4).items()}
    assert stated == {key: shown(look_up(config(name), key)) for key in stated}


def test_no_config_is_left_out():
    files = {path.stem for path in (ROOT / "configs").glob("*.json")}
    assert files - set(SECTIONS) == {"dicom_series", "metadata", "mlflow"}, "which have no settings"


def test_the_new_names_are_there_and_the_old_ones_are_gone():
    keys = {key for name in SECTIONS for key in config(name)}
    table = TEXT.split("Settings and files:\n\n")[1].split("\n\n")[0]
    renamed = re.findall(r"^\| `(\w+)`[^|]* \| `(\w+)`", table, re.MULTILINE)
    assert len(renamed) > 8
    for old, new in renamed:
        assert new in keys and (old not in keys or old == new)


def test_every_new_module_of_the_table_is_there():
    table = TEXT.split("Modules. ")[1]
    for old, new in re.findall(r"^\| (.*?) \| (.*?) \|$", table, re.MULTILINE)[2:]:
        source = new if new.startswith("`scripts") else old
        first, *others = re.findall(r"`([\w.]+)`", source)
        room = first.rpartition(".")[0]
        if "the same names in" in new:
            room, first = re.findall(r"`(scripts[\w.]*)`", new)[0], ""
            others = [name.rpartition(".")[2] for name in re.findall(r"`([\w.]+)`", old)]
        modules = [first] * bool(first) + [f"{room}.{name.lstrip('.')}" for name in others if name != "comparison_of"]
        for module in modules:
            path = ROOT / module.replace(".", "/")
            assert path.with_suffix(".py").exists() or path.is_dir(), module
