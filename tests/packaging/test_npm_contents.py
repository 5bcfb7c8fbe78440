"""What is in the npm tarball, and what is not."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "js" / "src"


@pytest.fixture(scope="module")
def files(tarball: Path) -> dict[str, bytes]:
    """Name (without npm's `package/`) → content."""
    with tarfile.open(tarball) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        contents = {member.name: archive.extractfile(member) for member in members}
        return {
            name.removeprefix("package/"): file.read() for name, file in contents.items() if file
        }


def test_beside_the_two_builds_there_are_exactly_these_files(files: dict[str, bytes]) -> None:
    others = {re.sub(r"-[\d.]+-py3", "-VERSION-py3", name) for name in files if "dist/" not in name}
    assert others == {
        "LICENSE",
        "README.md",
        "package.json",
        "package-root.cjs",
        "package-root.d.cts",
        "python/codec.lock",
        "python/manifest.json",
        "python/pip-VERSION-py3-none-any.whl",
        "python/synapse_worker-VERSION-py3-none-any.whl",
        "python/tools.lock",
    }


def test_each_source_is_there_twice_with_its_types_and_nothing_else(
    files: dict[str, bytes],
) -> None:
    names = [path.relative_to(SOURCES).with_suffix("") for path in SOURCES.rglob("*.ts")]
    expected = {
        f"dist/{build}/{name.as_posix()}{suffix}"
        for build in ("esm", "cjs")
        for name in names
        for suffix in (".js", ".d.ts")
    }
    expected |= {"dist/cjs/package.json"}
    assert {name for name in files if "dist/" in name} == expected


def test_nothing_runs_at_install_and_rxjs_is_all_it_depends_on(files: dict[str, bytes]) -> None:
    manifest = json.loads(files["package.json"])
    hooks = {"preinstall", "install", "postinstall", "prepare", "prepublish"}
    assert set(manifest.get("scripts", {})) & hooks == set()
    assert set(manifest["dependencies"]) == {"rxjs"}
    assert manifest["bin"] == {"synapse": "dist/esm/node/cli.js"}


def test_the_core_pulls_in_no_node_builtin(files: dict[str, bytes]) -> None:
    core = {name: text for name, text in files.items() if re.match(r"dist/\w+/core/", name)}
    assert len(core) > 20
    for name, text in core.items():
        found = re.findall(rb"""(?:from|require\(|import\()\s*['"]([^.'"][^'"]*)['"]""", text)
        assert found == [], f"{name} imports {found}"


def test_no_file_names_an_index_or_a_place_on_the_machine_that_built_it(
    files: dict[str, bytes],
) -> None:
    texts = {name: data for name, data in files.items() if not name.endswith(".whl")}
    for name, data in texts.items():
        assert str(ROOT).encode() not in data, name
        if name.endswith(".lock"):
            assert b"://" not in data, name
            assert b"--index" not in data, name


def test_the_whole_is_small(tarball: Path) -> None:
    assert tarball.stat().st_size < 4_000_000
