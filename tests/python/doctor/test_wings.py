"""The npm packages in reach are of this version, whole, and carry the files that their manifest names."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.doctor import wings
from synapse_worker.doctor.request import DoctorRequest, NodeFacts
from synapse_worker.doctor.wings import examine_wings
from synapse_worker.env.wheel import pack_package

if TYPE_CHECKING:
    from collections.abc import Callable

OWN = Path(wings.__file__).parents[1]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed npm package of this version, as whole as an examination can tell."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "node_modules" / "synapse-worker"
    for entry in ("dist/esm/index.js", "dist/cjs/index.js", "dist/esm/node/cli.js"):
        (root / entry).parent.mkdir(parents=True, exist_ok=True)
        (root / entry).write_text("")
    (root / "package.json").write_text(json.dumps({"name": "synapse-worker", "version": "0.1.0"}))
    runtime = root / "python"
    runtime.mkdir()
    manifest: dict[str, object] = {"version": "0.1.0"}
    for role, name, content in (
        ("wheel", "synapse_worker-0.1.0-py3-none-any.whl", pack_package(OWN, "0.1.0")),
        ("pip", "pip-25.0-py3-none-any.whl", b"pip"),
    ):
        (runtime / name).write_bytes(content)
        manifest[role] = {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
    (runtime / "manifest.json").write_text(json.dumps(manifest))
    return root


def _request(**environ: str) -> DoctorRequest:
    return DoctorRequest(environ=environ)


def test_a_package_of_this_version_is_fine(found: Callable, package: Path) -> None:
    assert found(examine_wings(_request())).ids == [
        ("wings.python", "ok"),
        ("wings.npm", "ok"),
        ("wings.runtime", "ok"),
    ]


def test_the_package_that_started_us_is_examined_where_it_lies(
    found: Callable, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    package.rename(elsewhere)
    facts = NodeFacts("22.0.0", "/usr/bin/node", "0.1.0", elsewhere)
    seen = found(examine_wings(DoctorRequest(node=facts, environ={})))
    assert seen["wings.npm"].details["path"] == str(elsewhere)


def test_without_an_npm_package_it_is_said_how_to_install_it(
    found: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    seen = found(examine_wings(_request()))
    assert seen.ids == [("wings.python", "ok"), ("wings.npm-missing", "info")]


def test_two_versions_are_a_warning_that_names_both(found: Callable, package: Path) -> None:
    (package / "package.json").write_text('{"version": "0.0.9"}')
    seen = found(examine_wings(_request()))
    assert ("wings.skew", "warning") in seen.ids
    assert "0.0.9" in seen["wings.skew"].message
    assert seen["wings.skew"].details["python_version"] == "0.1.0"


@pytest.mark.parametrize(
    ("file", "content", "expected", "said"),
    [
        ("package.json", "{", "wings.npm-damaged", "package.json"),
        ("dist/esm/index.js", None, "wings.npm-damaged", "dist/esm/index.js"),
        ("python/manifest.json", None, "wings.runtime-damaged", "manifest.json"),
        ("python/manifest.json", "[]", "wings.runtime-damaged", "manifest.json"),
        ("python/pip-25.0-py3-none-any.whl", "other", "wings.runtime-damaged", "pip-25.0"),
        ("python/pip-25.0-py3-none-any.whl", None, "wings.runtime-damaged", "pip-25.0"),
    ],
)
def test_a_damaged_package_is_an_error_that_names_the_file(
    found: Callable, package: Path, file: str, content: str | None, expected: str, said: str
) -> None:
    if content is None:
        (package / file).unlink()
    else:
        (package / file).write_text(content)
    seen = found(examine_wings(_request()))
    assert (expected, "error") in seen.ids
    assert said in seen[expected].message


def test_a_runtime_folder_of_one_s_own_is_examined_as_well(
    found: Callable, package: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    seen = found(examine_wings(_request(SYNAPSE_RUNTIME_DIR=str(empty))))
    assert ("wings.runtime-damaged", "error") in seen.ids
    assert str(empty) in seen["wings.runtime-damaged"].message


def test_sources_in_the_cache_that_are_not_those_of_the_wheel_are_an_error(
    found: Callable, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    unpacked = cache / "runtime" / "0123456789abcdef" / "synapse_worker"
    wheel = next((package / "python").glob("synapse_worker-*.whl"))
    zipfile.ZipFile(wheel).extractall(unpacked.parent)
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(cache))
    monkeypatch.setattr(wings, "_OWN", unpacked)
    request = _request(SYNAPSE_RUNTIME_DIR=str(package / "python"))

    def damaged() -> list[object]:
        ids = found(examine_wings(request))
        return [one.details["files"] for one in ids.findings if one.id == "wings.unpacked-damaged"]

    assert damaged() == []
    (unpacked / "version.py").write_text("")
    assert damaged() == [["synapse_worker/version.py"]]
