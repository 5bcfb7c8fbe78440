"""What one line of a requirements file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_worker.env.sources.requirement_line import RequirementLine, parse_requirement_line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A module's folder with a project and a wheel in it."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "my lib").mkdir()
    (tmp_path / "tiny-1.0-py3-none-any.whl").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("line", "name", "is_pinned", "hashes"),
    [
        ("six", "six", False, ()),
        ("Zope.Interface[test,docs] >=1,<2 ; python_version < '3.12'", "zope-interface", False, ()),
        ("six==1.17.0 --hash=sha256:aa --hash sha256:bb", "six", True, ("sha256:aa", "sha256:bb")),
        ("six===1.17.0", "six", True, ()),
        ("six (==1.17.0)", "six", True, ()),
        ("six ==1.17.0 ; sys_platform == 'win32'", "six", True, ()),
        ("six==1.*", "six", False, ()),
        ("six==1.0,>0", "six", False, ()),
        ("six~=1.17", "six", False, ()),
        ("six --config-settings=a=b --global-option='-x'", "six", False, ()),
        ("six ; platform_version == 'a/b'", "six", False, ()),
        ("!!!", None, False, ()),
    ],
)
def test_a_package_is_named_by_an_index(
    folder: Path, line: str, name: str | None, is_pinned: bool, hashes: tuple[str, ...]
) -> None:
    found = parse_requirement_line(line, folder)
    assert found == RequirementLine(line, "index", name, hashes=hashes, is_pinned=is_pinned)


@pytest.mark.parametrize(
    ("line", "path", "name", "is_editable"),
    [
        ("./lib", "lib", None, False),
        ("./lib[one,two]", "lib", None, False),
        ("./lib[one];python_version>'3'", "lib", None, False),
        ("./my lib", "my lib", None, False),
        ("lib/", "lib", None, False),
        ("../elsewhere", "../elsewhere", None, False),
        ("-e .", ".", None, True),
        ("-e ./lib[extra]", "lib", None, True),
        ("-e./lib", "lib", None, True),
        ("-e lib", "lib", None, True),
        ("--editable=./lib", "lib", None, True),
        ('--editable "./my lib"', "my lib", None, True),
        (r"-e ./my\ lib", "my lib", None, True),
        ("-e ./my lib", "my lib", None, True),
        ("-e ./lib ; python_version > '3'", "lib", None, True),
        ("-e file:./lib#egg=Own.Name[x]&subdirectory=py", "lib/py", "own-name", True),
        ("thing @ file:///srv/some%20where/thing ; python_version > '3'",
         "/srv/some where/thing", "thing", False),
        ("thing[extra]@file:///srv/thing.zip#subdirectory=a", "/srv/thing.zip/a", "thing", False),
        ("tiny-1.0-py3-none-any.whl", "tiny-1.0-py3-none-any.whl", None, False),
        ("./tiny-1.0-py3-none-any.whl --hash=sha256:aa", "tiny-1.0-py3-none-any.whl", None, False),
    ],
)  # fmt: skip
def test_a_project_on_this_machine_is_found(
    folder: Path, line: str, path: str, name: str | None, is_editable: bool
) -> None:
    found = parse_requirement_line(line, folder)
    expected = Path(path) if path.startswith("/") else (folder / path).resolve()
    assert (found.kind, found.name, found.is_editable) == ("local", name, is_editable)
    assert found.path == expected


@pytest.mark.parametrize(
    ("line", "kind", "name", "hashes"),
    [
        ("git+https://host/a/b.git@v1#egg=thing&subdirectory=py", "vcs", "thing", ()),
        ("-e git+ssh://git@host/a/b.git#egg=thing", "vcs", "thing", ()),
        ("thing @ git+https://${TOKEN}@host/b.git@abc ; python_version > '3'", "vcs", "thing", ()),
        ("thing @ hg+file:///srv/thing", "vcs", "thing", ()),
        ("https://host/thing-1.0.zip", "url", None, ()),
        ("thing @ https://host/t.whl#sha256=ab12", "url", "thing", ("sha256:ab12",)),
        ("thing @ https://host/t.whl --hash=sha256:cd", "url", "thing", ("sha256:cd",)),
    ],
)
def test_an_address_is_told_from_a_path(
    folder: Path, line: str, kind: str, name: str | None, hashes: tuple[str, ...]
) -> None:
    found = parse_requirement_line(line, folder)
    assert (found.kind, found.name, found.hashes, found.path) == (kind, name, hashes, None)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("-r base.txt", "include"),
        ("-rbase.txt", "include"),
        ("--constraint=base.txt", "include"),
        ("-r https://host/base.txt", "include"),
        ("--require-hashes", "option"),
        ("--index-url https://host/simple", "option"),
        ("--pre", "option"),
        ("-", "option"),
    ],
)
def test_options_and_includes_are_told_apart(folder: Path, line: str, kind: str) -> None:
    assert parse_requirement_line(line, folder).kind == kind


def test_a_variable_in_a_path_is_looked_up_and_one_that_is_not_set_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIBRARIES", str(folder))
    monkeypatch.delenv("NOT_SET", raising=False)
    assert parse_requirement_line("-e ${LIBRARIES}/lib", folder).path == folder / "lib"
    assert parse_requirement_line("./${NOT_SET}/lib", folder).path == folder / "${NOT_SET}/lib"
    assert parse_requirement_line("-e ${LIBRARIES}/lib", folder).text == "-e ${LIBRARIES}/lib"
