"""The cache, and the homes in it, as `tests/vectors/homes.json` has them: Node looks in the same places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from synapse_worker.env.homes import cached_home
from synapse_worker.env.layout import cache_directory

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "homes.json").read_text("utf-8"))


@pytest.mark.parametrize("case", VECTORS["caches"], ids=lambda case: str(case["variables"]))
def test_both_wings_keep_one_cache(
    case: dict[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/of/mine")
    for name in ("SYNAPSE_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    variables, folder = case["variables"], case["folder"]
    assert isinstance(variables, dict)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    expected = str(folder).replace("{cwd}", str(Path.cwd())).replace("{home}", "/home/of/mine")
    assert str(cache_directory()) == expected


@pytest.mark.parametrize("case", VECTORS["homes"], ids=lambda case: str(case["module"]))
def test_both_wings_look_for_a_module_in_one_home(
    case: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", "/c")
    assert str(cached_home(Path(case["module"]))) == case["home"]
