"""`pylock.toml` (PEP 751), of other tools and of other intentions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.sources.project import read_project
from synapse_worker.env.sources.requirements import Requirements, read_requirements

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
HEAD = 'lock-version = "1.0"\ncreated-by = "test"\n'
SIX = f"""
[[packages]]
name = "six"
version = "1.17.0"
wheels = [{{ name = "six.whl", url = "https://h/six.whl", hashes = {{ sha256 = "{A}" }} }}]
sdist = {{ name = "six.tar.gz", url = "https://h/s.tgz", hashes = {{ md5 = "0", sha512 = "{B}" }} }}
"""


def read(directory: Path, text: str, settings: str = "") -> Requirements:
    (directory / "pylock.toml").write_text(text, encoding="utf-8")
    (directory / "pyproject.toml").write_text(f"[tool.synapse]\n{settings}\n")
    return read_requirements(directory, read_project(directory), "main.py")


def test_packages_become_pinned_and_hashed_lines(tmp_path: Path) -> None:
    found = read(tmp_path, f'{HEAD}requires-python = ">=3.11"\n{SIX}')
    assert found.source == "pylock.toml"
    assert found.lines == (f"six==1.17.0 --hash=sha256:{A} --hash=sha512:{B}",)
    assert (found.is_locked, found.requires_python, found.file) == (True, ">=3.11", None)


def test_our_own_name_is_left_out(tmp_path: Path) -> None:
    ours = SIX.replace('"six"', '"Synapse_Worker"')
    assert [line.partition("==")[0] for line in read(tmp_path, HEAD + ours + SIX).lines] == ["six"]


def test_markers_are_kept_but_those_of_extras_and_groups_are_answered(tmp_path: Path) -> None:
    packages = "".join(
        SIX.replace('"six"', f'"{name}"') + f'marker = "{marker}"\n'
        for name, marker in [
            ("one", "sys_platform == 'win32'"),
            ("two", "'ml' in extras"),
            ("three", "'ml' in extras and python_version < '3.12'"),
            ("four", "'dev' in dependency_groups or 'test' in dependency_groups"),
            ("five", "'dev' not in dependency_groups"),
        ]
    )
    text = (
        f'{HEAD}extras = ["ml"]\ndependency-groups = ["dev", "test"]\ndefault-groups = ["dev"]\n'
        f"{packages}"
    )

    def names(settings: str) -> list[str]:
        lines = read(tmp_path, text, settings).lines
        return [line.partition(" --hash")[0] for line in lines]

    windows = "one==1.17.0 ; sys_platform == 'win32'"
    assert names("") == [windows, "four==1.17.0"]
    assert names("extras = ['ml']\ngroups = ['test']") == [
        windows,
        "two==1.17.0",
        "three==1.17.0 ; python_version < '3.12'",
        "four==1.17.0",
        "five==1.17.0",
    ]
    for settings, says in (("extras = ['x']", "extras"), ("groups = ['x']", "groups")):
        with pytest.raises(ModuleEnvironmentError, match=f'"x" of .tool.synapse. {says}'):
            names(settings)


def test_what_says_itself_where_it_is_becomes_a_line_that_does(tmp_path: Path) -> None:
    (tmp_path / "my lib").mkdir()
    (tmp_path / "t.whl").touch()
    text = f"""{HEAD}{SIX}
[[packages]]
name = "lib"
directory = {{ path = "my lib", editable = true }}
[[packages]]
name = "lib2"
marker = "os_name == 'nt'"
directory = {{ path = "my lib", editable = true, subdirectory = "a b" }}
[[packages]]
name = "repo"
vcs = {{ type = "git", url = "https://h/repo.git", commit-id = "0123abc", subdirectory = "py" }}
[[packages]]
name = "far"
archive = {{ url = "https://h/far.zip", path = "gone.zip", hashes = {{ sha256 = "{B}" }} }}
[[packages]]
name = "near"
archive = {{ url = "https://h/t.whl", path = "t.whl", hashes = {{ sha256 = "{C}" }} }}
"""
    found = read(tmp_path, text)
    root = tmp_path.as_uri()
    assert found.lines[1:] == (
        f"-e {root}/my%20lib",
        f"lib2 @ {root}/my%20lib#subdirectory=a%20b ; os_name == 'nt'",
        "repo @ git+https://h/repo.git@0123abc#subdirectory=py",
        f"far @ https://h/far.zip --hash=sha256:{B}",
        f"near @ {root}/t.whl --hash=sha256:{C}",
    )
    for line in found.lines[2:]:
        Requirement(line.partition(" --hash")[0])  # they are what the tools can read
    assert found.is_locked
    inputs = [entry.path for entry in found.inputs]
    assert {"my lib/pyproject.toml", "t.whl", "pylock.toml"} <= set(inputs)


def test_wheels_beside_the_lock_are_found_by_the_tools(tmp_path: Path) -> None:
    text = f"""{HEAD}
[[packages]]
name = "tiny"
version = "1.0"
wheels = [{{ path = "my wheels/tiny.whl", hashes = {{ sha256 = "{A}" }} }}]
sdist = {{ url = "file:///srv/files/tiny.tar.gz", hashes = {{ sha256 = "{B}" }} }}
"""
    found = read(tmp_path, text)
    links = (
        f"--find-links {tmp_path.as_uri()}/my%20wheels",
        "--find-links file:///srv/files",
    )
    assert found.lines == (*links, f"tiny==1.0 --hash=sha256:{A} --hash=sha256:{B}")
    assert found.options == links


def test_a_lock_for_other_platforms_is_refused(tmp_path: Path) -> None:
    other = "win32" if sys.platform != "win32" else "linux"
    with pytest.raises(ModuleEnvironmentError, match="locked for other platforms"):
        read(tmp_path, f"{HEAD}environments = [\"sys_platform == '{other}'\"]\n{SIX}")
    here = f"sys_platform == '{sys.platform}' and python_version >= '3.99'"
    # Which Python it will be is not known yet.
    assert read(tmp_path, f'{HEAD}environments = ["{here}"]\n{SIX}').lines


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "its lock-version is None"),
        ('lock-version = "2.0"\n', "lock-version is '2.0', and Synapse reads 1.x"),
        ("lock-version = 1.0\n", "lock-version is 1.0"),
        ("[[", "cannot be read"),
        (HEAD + "packages = 3\n", "packages must be an array"),
        (HEAD + "packages = [3]\n", "packages must be an array"),
        (HEAD + "requires-python = 3.11\n", "requires-python must be a string"),
        (HEAD + "environments = 'linux'\n", "environments must be a list"),
        (HEAD + "environments = ['linux']\n", "ends too early"),
        (HEAD + "[[packages]]\nversion = '1'\n", "the name None"),
        (HEAD + "[[packages]]\nname = '-r /etc/passwd'\n", "the name '-r /etc/passwd'"),
        (HEAD + "[[packages]]\nname = 'six\\n-e x'\n", "has the name"),
        (HEAD + "[[packages]]\nname = 'six'\n", "six: its version is None"),
        (HEAD + "[[packages]]\nname = 'six'\nversion = '1 --pre'\n", "version is '1 --pre'"),
        (HEAD + "[[packages]]\nname = 'six'\nversion = '1'\n", "neither wheels nor an sdist"),
        (HEAD + "[[packages]]\nname = 'six'\nversion = '1'\nwheels = [{}]\n", "has no hash"),
        (HEAD + "[[packages]]\nname = 'six'\nversion = '1'\nwheels = 1\n", "array of tables"),
        (HEAD + "[[packages]]\nname = 'six'\nversion = '1'\nwheels = [1]\n", "must be a table"),
        (SIX.replace('sha256 = "', 'md5 = "'), "lock-version"),
        (HEAD + SIX.replace('sha256 = "', 'md5 = "'), "no hash of a kind that is safe"),
        (HEAD + SIX.replace(A, A[:8]), "no hash of a kind that is safe"),
        (HEAD + SIX + "marker = 'os_name'\n", "six: a marker ends too early"),
        (HEAD + SIX + "marker = \"os_name == 'a' --pre\"\n", "is not a marker"),
        (HEAD + SIX + "marker = 3\n", "marker must be a string"),
        (HEAD + "[[packages]]\nname = 'x'\nvcs = {type = 'git', url = 'https://h/x'}\n",
         "its commit-id is None"),
        (HEAD + "[[packages]]\nname = 'x'\nvcs = {type = 'sh', url = 'x', commit-id = '1'}\n",
         "its vcs type is 'sh'"),
        (HEAD + "[[packages]]\nname = 'x'\nvcs = {type = 'git', url = 'a b', commit-id = '1'}\n",
         "neither a url nor a path"),
        (HEAD + "[[packages]]\nname = 'x'\ndirectory = {}\n", "its directory has no path"),
        (HEAD + "[[packages]]\nname = 'x'\ndirectory = 'x'\n", "directory must be a table"),
        (HEAD + "[[packages]]\nname = 'x'\narchive = {url = 'https://h/x.zip'}\n", "has no hash"),
    ],
)  # fmt: skip
def test_a_lock_that_is_no_use_is_an_error_that_says_why(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(ModuleEnvironmentError) as caught:
        read(tmp_path, text)
    assert (caught.value.code, says in caught.value.message) == ("REQUIREMENTS_INVALID", True), (
        caught.value.message
    )


def test_it_comes_after_requirements_txt_and_before_all_else(tmp_path: Path) -> None:
    (tmp_path / "requirements.in").write_text("idna\n")
    (tmp_path / "uv.lock").write_text("")
    assert read(tmp_path, HEAD + SIX).source == "pylock.toml"
    (tmp_path / "requirements.txt").write_text("idna\n")
    assert read(tmp_path, "[[").source == "requirements.txt"
