"""What is in the npm tarball, and what is not."""

from __future__ import annotations

import json
import posixpath
import re
import tarfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "js" / "src"
BUILDS = ("esm", "cjs")
ENTRY_POINTS = (
    "core/schema/plans",
    "index",
    "node/cli",
    "node/register/asynchronous-hooks",
    "node/register/emit-command",
    "node/register/register",
    "testing/index",
)
# Each costs a start about half a millisecond.
MAX_FILES_OF_AN_IMPORT = 12


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
        "rxjs.cjs",
        "rxjs.d.cts",
    }


def test_each_build_has_its_entry_points_their_chunks_and_the_types_of_each_source(
    files: dict[str, bytes],
) -> None:
    names = [path.relative_to(SOURCES).with_suffix("") for path in SOURCES.rglob("*.ts")]
    kept = {name for name in files if "dist/" in name and "/chunks/" not in name}
    expected = {f"dist/{build}/{name}.d.ts" for build in BUILDS for name in names}
    expected |= {f"dist/{build}/{name}.js" for build in BUILDS for name in ENTRY_POINTS}
    assert kept == expected | {"dist/cjs/package.json"}


@pytest.mark.parametrize("build", BUILDS)
def test_an_import_reads_a_few_files_and_what_is_in_them_is_there_once(
    files: dict[str, bytes], build: str
) -> None:
    scripts = {name for name in files if name.startswith(f"dist/{build}/") and name.endswith(".js")}
    reached = _reached(files, f"dist/{build}/index.js")
    assert 1 < len(reached) <= MAX_FILES_OF_AN_IMPORT
    assert reached < scripts
    classes = [
        name
        for file in scripts
        for name in re.findall(rb"^var (\w+) = class ", files[file], re.MULTILINE)
    ]
    assert b"SynapseError" in classes
    assert [
        name for name in set(classes) if classes.count(name) > 1 and name.endswith(b"Error")
    ] == []
    for name in scripts:
        for variable, own in re.findall(rb"^var (\w+) = class (\w+)", files[name], re.MULTILINE):
            assert own in (variable, b"extends"), f"{name} renames a class"


def _reached(files: dict[str, bytes], entry: str) -> set[str]:
    """Return the files of ours that are read when ENTRY is imported."""
    reached: set[str] = set()
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        imported = re.findall(rb"""(?:from |import |require\()"(\.[^"]+\.js)\"""", files[name])
        folder = PurePosixPath(name).parent
        waiting += (posixpath.normpath(folder / path.decode()) for path in imported)
    return reached


def test_nothing_runs_at_install_and_rxjs_is_all_it_depends_on(files: dict[str, bytes]) -> None:
    manifest = json.loads(files["package.json"])
    hooks = {"preinstall", "install", "postinstall", "prepare", "prepublish"}
    assert set(manifest.get("scripts", {})) & hooks == set()
    assert set(manifest["dependencies"]) == {"rxjs"}
    assert manifest["bin"] == {"synapse": "dist/esm/node/cli.js"}


def test_the_core_pulls_in_no_node_builtin() -> None:
    core = {path: path.read_text() for path in (SOURCES / "core").rglob("*.ts")}
    assert len(core) > 20
    for path, text in core.items():
        found = re.findall(r"""(?:from|require\(|import\()\s*['"]([^.'"][^'"]*)['"]""", text)
        assert found == [], f"{path} imports {found}"


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
