"""What a study consists of: every combination for every seed, and only names that there are."""

import json

import pytest

from bundle.research.study import plan
from bundle.research.study.plan import RUNS
from tests.conftest import ROOT


def test_plan_is_every_combination_for_every_seed(runs_json):
    runs = plan("tiny", ["both"], runs_json)
    assert len(runs) == 8
    assert [run.seed for run in runs] == [0] * 4 + [1] * 4
    assert str(runs[-1].path) == "both/lesion_type=soft+volume,comparison=single_hemisphere/seed_1"
    assert runs[-1].train["lesion_type"] == ["soft", "volume"]
    assert len(plan("tiny", file=runs_json)) == 8 + 2 + 3


def test_plan_of_weights_that_are_there_has_one_seed_and_one_sweep_after_the_other(runs_json):
    runs = plan("tiny", ["shipped"], runs_json)
    assert [run.variant for run in runs] == ["rim_mm=1", "rim_mm=2", "midline_mm=3"]
    assert {(run.seed, run.weights, run.overlays) for run in runs} == {(0, "models", ("perturbed.json",))}


def test_a_budget_takes_only_what_it_can_afford(runs_json):
    assert [run.table for run in plan("few", file=runs_json)] == ["heads", "shipped"]
    assert len(plan("few", ["both"], runs_json)) == 1, "unless it is asked for by name"


def test_a_table_may_have_settings_of_its_own_within_a_budget(runs_json):
    assert plan("few", ["heads"], runs_json)[0].train["epochs"] == 3
    assert plan("tiny", ["heads"], runs_json)[0].train["epochs"] == 1


def test_unknown_names_list_those_there_are(runs_json):
    with pytest.raises(ValueError, match=r"no budget 'huge'.*tiny"):
        plan("huge", file=runs_json)
    with pytest.raises(ValueError, match=r"no table 'tails'.*heads, both"):
        plan("tiny", ["tails"], runs_json)


def test_shipped_study_names_what_there_is():
    import timm

    from bundle.research.study.figures import FIGURES, LABELS
    from bundle.research.study.markdown import MEASURES
    from scripts.evaluation.subgroups import GROUPS
    from scripts.network.backbones import COMPACT, FAMILIES
    from scripts.network.siamese import COMPARISONS
    from scripts.phantom.head import ASYMMETRY
    from scripts.simulation.curriculum import CURRICULA
    from scripts.simulation.lesion import SCALES
    from scripts.simulation.lesion_types import LESION_TYPES

    known = {
        "backbone": {*COMPACT, *FAMILIES, *timm.list_models()},
        "comparison": set(COMPARISONS),
        "curriculum": set(CURRICULA),
        "lesion_type": set(LESION_TYPES),
        "phantom_asymmetry": set(ASYMMETRY),
        "scale": set(SCALES),
    }
    content = json.loads(RUNS.read_text())
    for row in content["tables"].values():
        assert set(row.get("by", [])) <= set(GROUPS)
        assert set(row.get("measures", [])) <= set(MEASURES)
        if "figure" in row:
            assert row["figure"] in FIGURES and row.get("measures", ["balanced_accuracy"])[0] in LABELS
        assert set(row.get("budgets", [])) <= set(content["budgets"])
    settings = set(json.loads((ROOT / "configs" / "train.json").read_text()))
    for budget in content["budgets"]:
        for run in plan(budget):
            overlays = [json.loads((ROOT / "configs" / name).read_text()).keys() for name in run.overlays]
            assert run.train.keys() <= settings.union(*overlays)
            assert run.weights is None or (ROOT / run.weights / "model.pt").exists()
            for key in known.keys() & run.train.keys():
                value = run.train[key]
                assert set(value if isinstance(value, list) else [value]) <= known[key]
