"""What a bundle is when it is made: whole, portable, the same every time, and never in the way."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.bundle import read_manifest
from synapse_worker.bundle.manifest import tree
from synapse_worker.env import ModuleEnvironmentError, read_marker

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.bundle import Bundle


def contents(folder: Path) -> dict[str, bytes | str]:
    """Return everything in a folder: bytes of files, targets of links."""
    return {
        path: os.readlink(folder / path)
        if (folder / path).is_symlink()
        else (folder / path).read_bytes()
        for path in tree(folder)
    }


def test_it_holds_the_module_its_packages_and_a_list_of_both(made: Path) -> None:
    manifest = read_manifest(made)
    assert (made / "main.py").read_text() == "import tinyone\n"
    assert os.readlink(made / "words") == "data/words.txt"
    assert not (made / ".env").exists()
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    packages = made / ".venv" / "lib" / f"python{version}" / "site-packages"
    assert (packages / "tinyone.py").read_text().startswith("VERSION = '2.0'")
    assert manifest.name == "module"
    assert manifest.entrypoint == "main.py"
    assert manifest.python.version == version
    assert {"tinyone": "2.0", "tinytwo": "1.5"}.items() <= manifest.packages.items()
    assert manifest.links == {"words": "data/words.txt"}
    listed = {*manifest.files, *manifest.links}
    assert {*tree(made)} - listed == {
        *("bundle.json", ".venv/bin/python", ".venv/pyvenv.cfg", ".venv/synapse.json"),
    }


def test_nothing_in_it_says_where_it_was_made(made: Path) -> None:
    place = os.fsencode(made.parent)
    mentions = [path for path, content in contents(made).items() if place in os.fsencode(content)]
    # The requirements are the module's own, and name the folder of the wheels.
    assert [path for path in mentions if path != "requirements.txt"] == []


def test_only_the_interpreter_is_absolute(made: Path) -> None:
    marker = read_marker(made / ".venv" / "synapse.json")
    assert marker is not None
    assert marker.interpreter is not None
    assert marker.launch is not None
    assert marker.relocatable is True
    assert marker.directory == ""
    assert marker.launch.python == marker.interpreter.path == ".venv/bin/python"
    assert not os.path.isabs(marker.launch.script)
    assert os.readlink(made / ".venv/bin/python") == marker.interpreter.base
    configuration = (made / ".venv/pyvenv.cfg").read_text()
    assert configuration.startswith(f"home = {Path(marker.interpreter.base).parent}\n")


def test_compiled_files_do_not_depend_on_times(made: Path) -> None:
    compiled = sorted(made.rglob("*.pyc"))
    flags = {path.read_bytes()[4] for path in compiled if ".venv" in path.parts}
    own = {path.read_bytes()[4] for path in compiled if ".venv" not in path.parts}
    assert flags == {0b01}, "packages: a hash that is not checked"
    assert own == {0b11}, "the module: a hash that is checked"


def test_modes_are_plain(made: Path) -> None:
    modes = {
        stat.S_IMODE(os.lstat(made / path).st_mode)
        for path in tree(made)
        if not (made / path).is_symlink()
    }
    assert modes <= {0o644, 0o755}
    # Of the link to the interpreter itself, which others may have by other names.
    assert {os.lstat(made / path).st_nlink for path in tree(made)} == {1}, "a link into uv's cache"


@pytest.mark.usefixtures("whole_package")
def test_equal_modules_give_equal_bytes(
    make_module: Callable[..., Path], bundle: Callable[..., object], tmp_path: Path
) -> None:
    module = make_module("tinyone")
    (module / "helper.py").write_text("NAMES = frozenset({'a', 'b', 'c', 'd'})\n")
    bundle(module, tmp_path / "first" / "out")
    again = tmp_path / "again" / "module"
    again.parent.mkdir()
    module.rename(again)
    bundle(again, tmp_path / "second" / "other")
    first, second = contents(tmp_path / "first" / "out"), contents(tmp_path / "second" / "other")
    assert {path for path in first if first[path] != second.get(path)} == set()
    assert first.keys() == second.keys()


@pytest.mark.slow
@pytest.mark.network
def test_both_backends_make_the_same_module_run(
    make_module: Callable[..., Path],
    bundle: Callable[..., object],
    tmp_path: Path,
    runtime_folder: Path,
) -> None:
    module = make_module("tinyone")
    for backend in ("uv", "virtualenv"):
        bundle(module, tmp_path / backend, backend=backend, runtime_folder=runtime_folder)
    packages = [read_manifest(tmp_path / backend).packages for backend in ("uv", "virtualenv")]
    assert packages[0] == packages[1]
    place = tmp_path / "moved"
    (tmp_path / "virtualenv").rename(place)
    command = [
        str(place / ".venv/bin/python"),
        "-I",
        "-c",
        "import tinyone; print(tinyone.VERSION)",
    ]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "2.0\n"


def test_what_is_there_is_never_overwritten(
    make_module: Callable[..., Path], bundle: Callable[..., object], tmp_path: Path
) -> None:
    module = make_module()
    output = tmp_path / "out"
    output.mkdir()
    (output / "thesis.txt").write_text("three years of work")
    with pytest.raises(ModuleEnvironmentError, match="is there already; nothing was written"):
        bundle(module, output)
    with pytest.raises(ModuleEnvironmentError, match="is not a bundle"):
        bundle(module, output, replace=True)
    assert [path.name for path in output.iterdir()] == ["thesis.txt"]


def test_an_empty_folder_is_filled_and_a_bundle_replaced_when_asked(
    make_module: Callable[..., Path], bundle: Callable[..., object], tmp_path: Path
) -> None:
    module = make_module()
    output = tmp_path / "out"
    output.mkdir()
    bundle(module, output)
    (module / "new.txt").write_text("")
    with pytest.raises(ModuleEnvironmentError) as caught:
        bundle(module, output)
    assert "--replace" in caught.value.hint
    assert not (output / "new.txt").exists()
    bundle(module, output, replace=True)
    assert (output / "new.txt").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["module", "out"]


def test_the_output_may_stand_in_the_module_but_not_the_module_in_the_output(
    make_module: Callable[..., Path], bundle: Callable[..., object]
) -> None:
    module = make_module()
    bundle(module, module / "build" / "out")
    bundle(module, module / "build" / "out", replace=True)
    assert not (module / "build" / "out" / "build").exists()
    for output in (module, module.parent):
        with pytest.raises(ModuleEnvironmentError, match="holds the module itself"):
            bundle(module, output)
    with pytest.raises(ModuleEnvironmentError, match="it is a bundle itself"):
        bundle(module / "build" / "out", module / "build" / "more")


def test_the_module_is_only_read_and_times_are_set_where_a_date_is_given(
    make_module: Callable[..., Path],
    bundle: Callable[..., Bundle],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    module = make_module("tinyone")
    (module / "private.txt").write_text("")
    (module / "private.txt").chmod(0o600)
    before = contents(module)
    made = bundle(module, tmp_path / "out")
    assert contents(module) == before
    times = {os.lstat(tmp_path / "out" / path).st_mtime for path in tree(tmp_path / "out")}
    assert times == {1000000000.0}
    assert made.warnings == (
        "readable by their owner alone, in the bundle by everybody: private.txt",
    )


def test_a_failure_leaves_nothing_behind(
    make_module: Callable[..., Path], bundle: Callable[..., object], tmp_path: Path
) -> None:
    module = make_module("there-is-no-such-package")
    with pytest.raises(ModuleEnvironmentError):
        bundle(module, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["module"]


def test_what_a_killed_run_left_is_swept_but_not_what_somebody_works_on(
    make_module: Callable[..., Path], bundle: Callable[..., object], tmp_path: Path
) -> None:
    module = make_module()
    dead, alive = tmp_path / ".out.synapse-bundle-dead", tmp_path / ".out.synapse-bundle-alive"
    dead.mkdir()
    alive.mkdir()
    descriptor = os.open(alive, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        bundle(module, tmp_path / "out")
    finally:
        os.close(descriptor)
    assert not dead.exists()
    assert alive.exists()


def test_a_local_package_is_copied_not_linked(
    make_module: Callable[..., Path],
    bundle: Callable[..., object],
    tmp_path: Path,
    wheels: Path,
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "backend.py").write_text(_BACKEND)
    (library / "pyproject.toml").write_text(_PROJECT)
    module = make_module()
    (module / "requirements.txt").write_text(f"--no-index\n--find-links {wheels}\n-e ../library\n")
    bundle(module, tmp_path / "out")
    code = "import locally; print(locally.__file__)"
    command = [str(tmp_path / "out/.venv/bin/python"), "-I", "-c", code]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.startswith(str(tmp_path / "out/.venv"))
    assert list((tmp_path / "out").rglob("direct_url.json")) == []
    assert list((tmp_path / "out").rglob("__editable__*")) == []


def test_a_password_in_an_address_is_refused_and_not_repeated(
    make_module: Callable[..., Path], bundle: Callable[..., object], tmp_path: Path
) -> None:
    module = make_module()
    with (module / "requirements.txt").open("a") as file:
        file.write("--extra-index-url https://me:hunter2@packages.example/simple\n")
    with pytest.raises(ModuleEnvironmentError, match="holds a password") as caught:
        bundle(module, tmp_path / "out")
    assert caught.value.lines == (
        "requirements.txt:3: --extra-index-url https://***@packages.example/simple",
    )


@pytest.mark.parametrize(
    "name", ["pip.conf", "uv.toml", "requirements-dev.txt", "dev/constraints.txt"]
)
def test_a_password_in_what_tools_read_later_is_refused_too(
    make_module: Callable[..., Path], bundle: Callable[..., object], tmp_path: Path, name: str
) -> None:
    module = make_module()
    (module / name).parent.mkdir(exist_ok=True)
    (module / name).write_text("index-url = https://me:hunter2@packages.example/simple\n")
    with pytest.raises(ModuleEnvironmentError, match="holds a password") as caught:
        bundle(module, tmp_path / "out")
    assert caught.value.lines == (f"{name}:1: index-url = https://***@packages.example/simple",)


def test_code_that_speaks_of_passwords_is_taken_along(
    make_module: Callable[..., Path], bundle: Callable[..., object], tmp_path: Path
) -> None:
    module = make_module()
    (module / "requirements.txt").unlink()
    (module / "main.py").write_text(
        "# /// script\n# dependencies = []\n# ///\n"
        "# For instance postgresql://me:hunter2@localhost/test\n"
        "def check(password: bytes, authorization: str) -> None: ...\n"
    )
    bundle(module, tmp_path / "out")
    assert (tmp_path / "out" / "main.py").is_file()
    (module / "main.py").write_text(
        '# /// script\n# dependencies = ["tiny @ https://me:hunter2@x.example/t.whl"]\n# ///\n'
    )
    with pytest.raises(ModuleEnvironmentError, match="holds a password"):
        bundle(module, tmp_path / "again")


@pytest.mark.parametrize("name", ["wheels", "wheels/requirements.txt"])
def test_wheels_of_the_modules_own_are_not_mixed_with_the_bundles(
    make_module: Callable[..., Path], bundle: Callable[..., object], tmp_path: Path, name: str
) -> None:
    module = make_module()
    (module / name).parent.mkdir(exist_ok=True)
    (module / name).write_text("mine")
    with pytest.raises(ModuleEnvironmentError, match='has a "wheels" of its own'):
        bundle(module, tmp_path / "out", wheels=True)
    bundle(module, tmp_path / "out")
    assert (tmp_path / "out" / name).read_text() == "mine"


def test_an_entrypoint_that_stays_out_is_an_error(
    make_module: Callable[..., Path], bundle: Callable[..., object], tmp_path: Path
) -> None:
    module = make_module()
    (module / ".gitignore").write_text("main.py\n")
    with pytest.raises(ModuleEnvironmentError, match=r'"main.py" is left out \(\.gitignore\)'):
        bundle(module, tmp_path / "out")


def test_a_package_found_by_an_absolute_path_is_refused(
    make_module: Callable[..., Path],
    bundle: Callable[..., object],
    tmp_path: Path,
    wheels: Path,
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    with zipfile.ZipFile(folder / "odd-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("odd.pth", "/opt/odd/lib\n")
        archive.writestr(
            "odd-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n"
        )
        archive.writestr(
            "odd-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("odd-1.0.dist-info/RECORD", "")
    module = make_module()
    (module / "requirements.txt").write_text(f"--no-index\n--find-links {folder}\nodd\n")
    with pytest.raises(ModuleEnvironmentError, match="by an absolute path") as caught:
        bundle(module, tmp_path / "out")
    assert caught.value.lines == ("odd.pth: /opt/odd/lib",)


def test_the_manifest_is_json_in_order(made: Path) -> None:
    data = json.loads((made / "bundle.json").read_text())
    assert data["format"] == 1
    assert list(data["files"]) == sorted(data["files"])


_PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "locally"
version = "1.0"
"""
# A build backend that needs nothing: it writes the wheel itself.
_BACKEND = """
import os, zipfile
def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "locally-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        archive.writestr("locally.py", "")
        archive.writestr("locally-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: locally\\nVersion: 1.0\\n")
        archive.writestr("locally-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr("locally-1.0.dist-info/RECORD", "")
    return name
build_editable = build_wheel
"""
