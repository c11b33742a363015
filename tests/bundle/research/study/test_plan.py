"""What a study consists of: every combination for every seed, and only names that there are."""

import json
import sys

import pytest

from bundle.research.study import plan
from bundle.research.study.plan import RUNS
from bundle.research.study.run import EVALUATE
from scripts.training.fast_bfloat16 import has_fast_bfloat16
from tests.conftest import ROOT


def test_plan_is_every_combination_for_every_seed(runs_json):
    runs = plan("tiny", ["both"], runs_json)
    assert len(runs) == 8
    assert [run.seed for run in runs] == [0] * 4 + [1] * 4
    assert str(runs[-1].path) == "both/lesion_type=soft+volume,comparison=single_hemisphere/seed_1"
    assert runs[-1].settings["lesion_type"] == ["soft", "volume"]
    assert len(plan("tiny", file=runs_json)) == 8 + 2


def test_a_budget_takes_only_its_own_tables(runs_json):
    assert [run.table for run in plan("few", file=runs_json)] == ["heads"]
    assert len(plan("few", ["both"], runs_json)) == 1, "unless it is asked for by name"


def test_a_table_may_have_settings_of_its_own_within_a_budget(runs_json):
    assert plan("few", ["heads"], runs_json)[0].settings["epochs"] == 3
    assert plan("tiny", ["heads"], runs_json)[0].settings["epochs"] == 1


def test_unknown_names_list_those_there_are(runs_json):
    with pytest.raises(ValueError, match=r"no budget 'huge'.*tiny"):
        plan("huge", file=runs_json)
    with pytest.raises(ValueError, match=r"no table 'tails'.*heads, both"):
        plan("tiny", ["tails"], runs_json)


def test_bfloat16_is_used_where_the_processor_has_it(tmp_path, monkeypatch):
    processor = tmp_path / "cpuinfo"
    processor.write_text("flags : fpu avx512_bf16 amx_tile\n")
    assert has_fast_bfloat16(processor) and not has_fast_bfloat16(tmp_path / "none")
    processor.write_text("flags : fpu avx2\n")
    assert not has_fast_bfloat16(processor)
    monkeypatch.setattr(sys.modules[plan.__module__], "has_fast_bfloat16", lambda: True)
    assert all(run.settings["bfloat16"] is True for run in plan("cpu"))


def test_shipped_study_names_what_there_is():
    import timm

    from bundle.research.study.figures import FIGURES
    from scripts.evaluation.measures import MEASURES
    from scripts.network.backbones import COMPACT, FAMILIES
    from scripts.network.siamese import COMPARISONS
    from scripts.simulation.curriculum import CURRICULA
    from scripts.simulation.lesion_types import LESION_TYPES

    known = {
        "backbone": {*COMPACT, *FAMILIES, *timm.list_models()},
        "comparison": set(COMPARISONS),
        "curriculum": set(CURRICULA),
        "lesion_type": set(LESION_TYPES),
    }
    content = json.loads(RUNS.read_text())
    for row in content["tables"].values():
        assert set(row["measures"]) <= set(MEASURES) and row["figure"] in FIGURES
        assert set(row.get("budgets", [])) <= set(content["budgets"])
    settings = set(json.loads((ROOT / "configs" / "train.json").read_text()))
    for budget in content["budgets"]:
        for run in plan(budget):
            assert run.settings.keys() <= settings
            for key in known.keys() & run.settings.keys():
                value = run.settings[key]
                assert set(value if isinstance(value, list) else [value]) <= known[key]
    assert all(path.exists() for path in EVALUATE)
