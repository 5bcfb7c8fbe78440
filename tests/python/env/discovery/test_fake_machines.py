"""Discovery on machines that are not here: Windows, macOS, conda, an active environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.discovery.interpreters import find_interpreter, survey
from synapse_worker.env.discovery.machine import Machine
from synapse_worker.env.errors import ModuleEnvironmentError

from .fake_pythons import fake_python

if TYPE_CHECKING:
    from pathlib import Path


def machine(root: Path, platform: str, **variables: object) -> Machine:
    """Return a machine whose whole file system is `root`."""
    home = "USERPROFILE" if platform == "win32" else "HOME"
    known = {"PATH": str(root / "bin"), home: str(root / "home")}
    known |= {name: str(value) for name, value in variables.items()}
    return Machine(platform, known, running=None, root=root)


# Stands for the launcher: knows 3.12, as `-3.12` and as the newest 3.
LAUNCHER = '[ "$1" = -3 ] || [ "$1" = -3.12 ] || { echo "No suitable Python" >&2; exit 103; }'


def test_on_windows_the_launcher_is_asked_for_the_version(tmp_path: Path) -> None:
    windows = machine(tmp_path, "win32")
    launcher = fake_python(tmp_path / "bin", "py", [3, 12, 4], runs=LAUNCHER)
    for request in ("3.12", ">=3.11", None):
        found = find_interpreter(request, machine=windows)
        assert (found.path, found.version) == (launcher, (3, 12, 4))
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter("3.11", machine=windows)
    assert caught.value.code == "PYTHON_NOT_FOUND"
    row = next(line for line in caught.value.lines if "py -3.11" in line)
    assert "does not run as Python 3 (No suitable Python)" in row


def test_a_survey_lists_no_versions_that_the_launcher_lacks(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin", "py", [3, 12, 4], runs=LAUNCHER)
    rows = survey(machine=machine(tmp_path, "win32"))
    assert [(row.origin, row.version, row.reason) for row in rows] == [("py", "3.12.4", None)]


def test_on_windows_interpreters_stand_in_the_folders_themselves(tmp_path: Path) -> None:
    roaming = tmp_path / "home" / "AppData" / "Roaming"
    pyenv = tmp_path / "home" / ".pyenv" / "pyenv-win" / "versions"
    fake_python(pyenv / "3.11.9", "python.exe", [3, 11, 9])
    fake_python(roaming / "uv" / "python" / "cpython-3.13.1-windows", "python.exe", [3, 13, 1])
    venv = fake_python(tmp_path / "venv" / "Scripts", "python.exe", [3, 12, 2])
    windows = machine(tmp_path, "win32", VIRTUAL_ENV=tmp_path / "venv")
    assert find_interpreter("3.11", machine=windows).version == (3, 11, 9)
    assert find_interpreter("3.13", machine=windows).version == (3, 13, 1)
    assert find_interpreter("active", machine=windows).path == venv
    assert find_interpreter(str(tmp_path / "venv"), machine=windows).path == venv


def test_a_store_stand_in_is_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin", "python", [3, 12, 0], runs="echo 'Get it there' >&2; exit 9")
    fake_python(tmp_path / "bin", "py", [3, 12, 4], runs=LAUNCHER)
    assert find_interpreter(None, machine=machine(tmp_path, "win32")).version == (3, 12, 4)


def test_on_macos_apples_stand_in_is_not_started(tmp_path: Path) -> None:
    dialogue = tmp_path / "dialogue"
    apple = fake_python(tmp_path / "usr" / "bin", "python3", [3, 10, 9], runs=f"touch '{dialogue}'")
    brew = fake_python(tmp_path / "opt" / "homebrew" / "bin", "python3.13", [3, 13, 2])
    mac = machine(tmp_path, "darwin", PATH=apple.parent)
    assert find_interpreter(None, machine=mac).path == brew
    assert not dialogue.exists()
    (tmp_path / "Library" / "Developer" / "CommandLineTools" / "usr" / "bin").mkdir(parents=True)
    assert find_interpreter(None, machine=mac).path == apple


def test_on_macos_the_framework_of_python_org_is_found(tmp_path: Path) -> None:
    versions = tmp_path / "Library" / "Frameworks" / "Python.framework" / "Versions"
    fake_python(versions / "3.11" / "bin", "python3", [3, 11, 4])
    found = fake_python(versions / "3.12" / "bin", "python3", [3, 12, 4])
    (versions / "Current").symlink_to(versions / "3.11")
    assert find_interpreter(None, machine=machine(tmp_path, "darwin")).path == found


def test_conda_is_used_only_when_it_is_asked_for(tmp_path: Path) -> None:
    root = tmp_path / "home" / "miniforge3"
    base = fake_python(root / "bin", "python", [3, 12, 7])
    named = fake_python(root / "envs" / "ml" / "bin", "python", [3, 11, 8])
    linux = machine(tmp_path, "linux", CONDA_PREFIX=root / "envs" / "ml")
    assert find_interpreter("conda", machine=linux).path == named
    assert find_interpreter("conda:ml", machine=linux).path == named
    assert find_interpreter("conda:base", machine=linux).path == base
    assert [row.origin for row in survey(machine=linux)] == ["conda"]
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(None, machine=linux)
    assert caught.value.code == "PYTHON_NOT_FOUND"


def test_an_environment_of_conda_may_lie_anywhere(tmp_path: Path) -> None:
    far = fake_python(tmp_path / "disk" / "deep" / "bin", "python", [3, 12, 0])
    register = tmp_path / "home" / ".conda" / "environments.txt"
    register.parent.mkdir(parents=True)
    register.write_text(f"{tmp_path}/gone\n{tmp_path}/disk/deep\n")
    linux = machine(tmp_path, "linux")
    assert find_interpreter("conda:deep", machine=linux).path == far
    elsewhere = fake_python(tmp_path / "envs" / "x" / "bin", "python", [3, 12, 0])
    known = machine(tmp_path, "linux", CONDA_ENVS_PATH=tmp_path / "envs")
    assert find_interpreter("conda:x", machine=known).path == elsewhere


@pytest.mark.parametrize(
    ("request_text", "says"),
    [
        ("conda", "No conda environment is active"),
        ("conda:nothing", 'There is no conda environment "nothing" with a Python (found: ml)'),
        ("conda:../ml", "is not the name of a conda environment"),
        ("active", "no virtual environment is active"),
    ],
)
def test_an_environment_that_is_not_there_is_an_error_that_names_it(
    tmp_path: Path, request_text: str, says: str
) -> None:
    fake_python(tmp_path / "opt" / "conda" / "envs" / "ml" / "bin", "python", [3, 12, 0])
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(request_text, machine=machine(tmp_path, "linux"))
    assert (caught.value.code, says in caught.value.message) == ("PYTHON_NOT_FOUND", True)


def test_the_active_environment_answers_with_its_base(tmp_path: Path) -> None:
    base = fake_python(tmp_path / "base", "python3", [3, 12, 5])
    venv = tmp_path / "venv" / "bin"
    venv.mkdir(parents=True)
    (venv / "python").symlink_to(base)
    active = machine(tmp_path, "linux", VIRTUAL_ENV=venv.parent)
    assert find_interpreter("active", machine=active).path == base
    assert find_interpreter(str(venv.parent), machine=active).path == base  # its folder will do


def test_the_newest_that_fits_is_taken_and_what_cannot_fit_is_not_started(tmp_path: Path) -> None:
    versions = tmp_path / "home" / ".pyenv" / "versions"
    started = tmp_path / "started"
    for minor in (9, 10, 11, 12, 13):
        folder = versions / f"3.{minor}.1" / "bin"
        fake_python(folder, "python", [3, minor, 1], runs=f"echo 3.{minor} >> {started}")
    linux = machine(tmp_path, "linux")
    found = find_interpreter(">=3.10,<3.13", ">=3.9,!=3.12.*", machine=linux)
    assert (found.version, started.read_text()) == ((3, 11, 1), "3.11\n")


def test_links_among_the_versions_are_not_listed_twice(tmp_path: Path) -> None:
    versions = tmp_path / "home" / ".pyenv" / "versions"
    python = fake_python(versions / "3.12.1" / "bin", "python", [3, 12, 1])
    (versions / "3.12").symlink_to(versions / "3.12.1")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3.12").symlink_to(python)
    linux = machine(tmp_path, "linux")
    assert [(row.path, row.origin) for row in survey(machine=linux)] == [(str(python), "pyenv")]
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(">=3.13", machine=linux)
    assert caught.value.lines == (f"{python}  pyenv  3.12.1  not >=3.13",)


def test_a_prerelease_is_taken_only_when_its_version_is_asked_for(tmp_path: Path) -> None:
    linux = machine(tmp_path, "linux")
    fake_python(tmp_path / "bin", "python3", [3, 15, 0], level="alpha")
    assert find_interpreter("3.15", machine=linux).version == (3, 15, 0)
    for request in (None, ">=3.14"):
        with pytest.raises(ModuleEnvironmentError) as caught:
            find_interpreter(request, machine=linux)
        assert "prerelease" in caught.value.lines[0]


def test_a_free_threaded_python_is_taken_only_when_it_is_named(tmp_path: Path) -> None:
    linux = machine(tmp_path, "linux")
    prefix = tmp_path / "home" / ".pyenv" / "versions" / "3.13.1t"
    python = fake_python(prefix / "bin", "python", [3, 13, 1], is_free_threaded=True)
    for request in (None, ">=3.13", "3.13", "3.13.1"):
        with pytest.raises(ModuleEnvironmentError) as caught:
            find_interpreter(request, machine=linux)
        assert "free-threaded: taken only when it is asked for by its path" in caught.value.lines[0]
    assert find_interpreter(str(python), machine=linux).version == (3, 13, 1)
    (tmp_path / ".python-version").write_text("3.13.1t\n")
    assert find_interpreter(None, None, tmp_path, machine=linux).path == python


@pytest.mark.parametrize("asked", ["3.13t", "3.13.1t", "3.13td", ">=3.13t", "3.13+freethreaded"])
def test_a_free_threaded_version_is_refused_with_what_can_be_asked_for(
    tmp_path: Path, asked: str
) -> None:
    with pytest.raises(ModuleEnvironmentError, match="free-threaded Python") as caught:
        find_interpreter(asked, machine=machine(tmp_path, "linux"))
    assert (caught.value.code, "path" in caught.value.hint) == ("INVALID_CONFIG", True)


@pytest.mark.parametrize("asked", ["3.13+freethreaded", "cpython-3.13.1+freethreaded-linux-x86"])
def test_uvs_name_of_one_is_none_that_pyenv_could_install(tmp_path: Path, asked: str) -> None:
    (tmp_path / ".python-version").write_text(f"{asked}\n")
    with pytest.raises(ModuleEnvironmentError, match="free-threaded Python") as caught:
        find_interpreter(None, None, tmp_path, machine=machine(tmp_path, "linux"))
    assert str(tmp_path / ".python-version") in caught.value.message


@pytest.mark.parametrize(
    ("variables", "origin"),
    [({"SYNAPSE_PYTHON": "3.10"}, "$SYNAPSE_PYTHON"), ({}, ".python-version")],
)
def test_who_asked_for_what_requires_python_forbids_is_named(
    tmp_path: Path, variables: dict[str, str], origin: str
) -> None:
    fake_python(tmp_path / "bin", "python3.10", [3, 10, 2])
    (tmp_path / ".python-version").write_text("3.10\n")
    linux = machine(tmp_path, "linux", **variables)
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(None, ">=3.11", tmp_path, machine=linux)
    assert caught.value.code == "PYTHON_UNSUPPORTED"
    assert origin in caught.value.message
    assert "requires Python >=3.11 (requires-python)" in caught.value.message


def test_a_path_against_requires_python_is_refused_with_both_said(tmp_path: Path) -> None:
    python = fake_python(tmp_path / "mine", "python", [3, 10, 2])
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(str(python), "~=3.11", machine=machine(tmp_path, "linux"))
    assert caught.value.message == (
        f'"{python}" was asked for and is Python 3.10.2, but the module requires Python ~=3.11 '
        "(requires-python)."
    )


def test_what_asks_nothing_takes_what_requires_python_allows(tmp_path: Path) -> None:
    linux = machine(tmp_path, "linux")
    fake_python(tmp_path / "bin", "python3.13", [3, 13, 2])
    wanted = fake_python(tmp_path / "bin", "python3.11", [3, 11, 2])
    assert find_interpreter(None, "<3.13", machine=linux).path == wanted
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(None, ">=3.14", machine=linux)
    assert (caught.value.code, "(requires-python)" in caught.value.message) == (
        "PYTHON_NOT_FOUND",
        True,
    )


def test_a_range_that_is_none_names_its_place(tmp_path: Path) -> None:
    for requires in ("3.11", "^3.11", ">=3.x"):
        with pytest.raises(ModuleEnvironmentError) as caught:
            find_interpreter(None, requires, machine=machine(tmp_path, "linux"))
        assert caught.value.code == "INVALID_CONFIG"
        assert f'requires-python "{requires}"' in caught.value.message


def test_a_pyenv_environment_in_a_version_file_is_found(tmp_path: Path) -> None:
    versions = tmp_path / "home" / ".pyenv" / "versions"
    base = fake_python(versions / "3.12.1" / "bin", "python", [3, 12, 1])
    environment = versions / "3.12.1" / "envs" / "shop" / "bin"
    environment.mkdir(parents=True)
    (environment / "python").symlink_to(base)
    (versions / "shop").symlink_to(environment.parent)
    (tmp_path / ".python-version").write_text("shop\n")
    linux = machine(tmp_path, "linux")
    assert find_interpreter(None, None, tmp_path, machine=linux).path == base


@pytest.mark.parametrize("name", ["3.14-dev", "3.13t", "pypy3.10-7.3.15"])
def test_any_version_that_pyenv_has_may_stand_in_a_version_file(tmp_path: Path, name: str) -> None:
    versions = tmp_path / "home" / ".pyenv" / "versions"
    base = fake_python(versions / name / "bin", "python", [3, 14, 0], level="beta")
    fake_python(tmp_path / "bin", "python3.14", [3, 14, 1])
    (tmp_path / ".python-version").write_text(f"{name}\n")
    linux = machine(tmp_path, "linux")
    assert find_interpreter(None, None, tmp_path, machine=linux).path == base
    base.unlink()
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(None, None, tmp_path, machine=linux)
    assert caught.value.code == "PYTHON_NOT_FOUND"
    assert caught.value.lines[0].split()[0].startswith(f"{versions}/{name}/bin/python")


def test_a_version_file_cannot_have_a_command_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    fake_python(tmp_path / "bin", "tool", [3, 12, 1], runs=f"touch '{ran}'")
    (tmp_path / ".python-version").write_text("tool\n")
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(None, None, tmp_path, machine=machine(tmp_path, "linux"))
    assert (caught.value.code, ran.exists()) == ("PYTHON_NOT_FOUND", False)


def test_a_relative_path_is_looked_for_beside_the_module_first(tmp_path: Path) -> None:
    python = fake_python(tmp_path / "venv" / "bin", "python", [3, 12, 1])
    linux = machine(tmp_path, "linux")
    for request in ("./venv/bin/python", "venv", "venv/"):
        assert find_interpreter(request, None, tmp_path, machine=linux).path == python
