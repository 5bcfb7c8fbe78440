"""One environment for all modules that need the very same; each keeps a marker of its own."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import (
    EnvironmentRequest,
    ModuleEnvironmentError,
    status_of,
    sync_environment,
)
from synapse_worker.env.cleaning import clean_cache, clean_module
from synapse_worker.env.homes import references

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import Event, Marker


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that no other test has put anything in."""
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(tmp_path / "own-cache"))
    return tmp_path / "own-cache"


def request(directory: Path, **options: object) -> EnvironmentRequest:
    chosen = {"backend": "uv", "dialect": "raw", "share": True, **options}
    return EnvironmentRequest(directory, **chosen)  # type: ignore[arg-type]


def sync(directory: Path, **options: object) -> Marker:
    return sync_environment(request(directory, **options))


def phases(directory: Path, **options: object) -> list[object]:
    events: list[Event] = []
    sync_environment(request(directory, **options), events.append)
    return [event["phase"] for event in events if event["event"] == "phase"]


def shared_home(marker: Marker) -> Path:
    assert marker.shared is not None
    return Path(marker.shared)


def runs(marker: Marker, code: str) -> None:
    assert marker.launch is not None
    subprocess.run([marker.launch.python, "-I", "-c", code], check=True)


def test_a_second_module_with_the_same_requirements_builds_nothing(
    make_module: Callable[..., Path],
) -> None:
    one, two = make_module("tinyone<2", name="one"), make_module("tinyone<2", name="two")
    assert "create" in phases(one)
    assert phases(two) == ["python", "resolve"]
    first, second = sync(one), sync(two)
    assert first.launch == second.launch
    assert first.shared == second.shared
    assert (first.directory, second.directory) == (str(one), str(two))
    runs(second, "import tinyone, tinytwo, synapse_worker")
    assert list(references(shared_home(first))) in ([one, two], [two, one])
    names = sorted(path.name for path in (two / ".venv").iterdir())
    assert names == [".gitignore", "synapse", "synapse.json"]


def test_other_requirements_or_another_dialect_are_another_environment(
    make_module: Callable[..., Path], require: Callable[..., None]
) -> None:
    module = make_module("tinyone<2")
    first = sync(module)
    require(module, "tinytwo")
    assert status_of(request(module)).aspects == {"inputs"}
    second = sync(module)
    assert first.shared != second.shared
    runs(first, "import tinyone")
    runs(second, "import tinytwo")
    other = make_module("tinytwo", name="other")
    assert sync(other, dialect="auto").shared != second.shared


def test_what_a_variable_stands_for_is_part_of_what_it_is_made_of(
    make_module: Callable[..., Path], wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []
    for version in ("1.0", "2.0"):
        wheel = wheels / f"tinyone-{version}-py3-none-any.whl"
        lines.append(f"--hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
    two = hashlib.sha256((wheels / "tinytwo-1.5-py3-none-any.whl").read_bytes()).hexdigest()
    asked = (f"tinyone==${{TINY}} {' '.join(lines)}", f"tinytwo==1.5 --hash=sha256:{two}")
    for version in ("1.0", "2.0"):
        monkeypatch.setenv("TINY", version)
        marker = sync(make_module(*asked, name=f"module-{version}"))
        runs(marker, f"import tinyone; assert tinyone.VERSION == {version!r}")


def test_the_project_may_say_so_and_take_it_back(make_module: Callable[..., Path]) -> None:
    module = make_module("tinytwo")
    (module / "pyproject.toml").write_text("[tool.synapse]\nshare-environment = true\n")
    assert sync(module, share=None).shared is not None
    (module / "pyproject.toml").write_text("")
    assert "sharing" in status_of(request(module, share=None)).aspects
    marker = sync(module, share=None)
    assert marker.shared is None
    assert marker.launch is not None
    assert marker.launch.python == f"{module}/.venv/bin/python"


def test_one_that_went_away_is_built_again(make_module: Callable[..., Path]) -> None:
    module = make_module("tinytwo")
    marker = sync(module)
    shutil.rmtree(shared_home(marker))
    assert "interpreter" in status_of(request(module)).aspects
    again = sync(module)
    assert again.shared == marker.shared
    runs(again, "import tinytwo")


def test_one_whose_build_was_killed_is_built_again(make_module: Callable[..., Path]) -> None:
    one, two = make_module("tinytwo", name="one"), make_module("tinytwo", name="two")
    marker = sync(one)
    path = shared_home(marker) / ".venv" / "synapse.json"
    path.write_text(path.read_text().replace('"ready"', '"building"'))
    (path.parent / "rubbish").write_text("")
    assert "create" in phases(two)
    assert not (path.parent / "rubbish").exists()


def test_rebuilding_makes_what_is_shared_anew(make_module: Callable[..., Path]) -> None:
    module = make_module("tinytwo")
    marker = sync(module)
    rubbish = shared_home(marker) / ".venv" / "rubbish"
    rubbish.write_text("")
    assert sync_environment(request(module), rebuild=True).shared == marker.shared
    assert not rubbish.exists()


def test_what_is_this_modules_alone_is_refused(make_module: Callable[..., Path]) -> None:
    module = make_module("-e ./lib")
    (module / "lib").mkdir()
    (module / "lib" / "pyproject.toml").write_text('[project]\nname = "lib"\nversion = "1"\n')
    with pytest.raises(ModuleEnvironmentError, match="cannot be shared") as caught:
        sync(module)
    assert caught.value.code == "REQUIREMENTS_INVALID"
    assert "share-environment" in caught.value.hint


def test_it_is_deleted_when_the_last_module_has_let_go_of_it(
    make_module: Callable[..., Path], cache: Path
) -> None:
    one, two = make_module("tinytwo", name="one"), make_module("tinytwo", name="two")
    home = shared_home(sync(one))
    sync(two)
    clean_module(one)
    assert [outcome.entry.home for outcome in clean_cache()] == [cache / "kept"]
    shutil.rmtree(two)
    assert [outcome.entry.home for outcome in clean_cache()] == [home]
    assert not home.exists()
