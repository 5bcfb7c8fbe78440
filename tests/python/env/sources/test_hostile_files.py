"""Requirements files as people, editors and other systems leave them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.sources import requirements_file
from synapse_worker.env.sources.project import read_project
from synapse_worker.env.sources.requirements import Requirements, read_requirements

if TYPE_CHECKING:
    from pathlib import Path


def read(directory: Path) -> Requirements:
    return read_requirements(directory, read_project(directory), "main.py")


def refusal(directory: Path) -> str:
    with pytest.raises(ModuleEnvironmentError) as caught:
        read(directory)
    assert caught.value.code == "REQUIREMENTS_INVALID"
    assert caught.value.hint
    return caught.value.message


def write(directory: Path, *lines: str, name: str = "requirements.txt") -> Path:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_names_the_encoding_and_the_tools_get_plain_text(
    tmp_path: Path, encoding: str
) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    content = mark + "sïx ; 'é' in os_name\r\nidna\r\n".encode(encoding)
    (tmp_path / "requirements.txt").write_bytes(content)
    found = read(tmp_path)
    assert found.lines == ("sïx ; 'é' in os_name", "idna")
    assert found.rewritten == found.lines


def test_a_coding_comment_names_the_encoding(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(b"# -*- coding: latin-1 -*-\n./caf\xe9\n")
    assert read(tmp_path).lines == ("./café",)
    (tmp_path / "requirements.txt").write_bytes(b"# coding: klingon\nsix\n")
    assert 'the encoding "klingon" that it names is not known' in refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x7fELF\x02\x01\x01\x00\x00six\n", "it is not text: it holds NUL bytes"),
        (b"six\xff\n", "it is not text in utf-8 (byte 3)"),
        (b"\xff\xfes", "it is not text in utf-16-le"),
    ],
)
def test_what_is_not_text_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "requirements.txt").write_bytes(content)
    assert says in refusal(tmp_path)


def test_a_file_without_bounds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements_file, "_MAX_BYTES", 1024 * 1024)
    write(tmp_path, "#" * 1024 * 1024)
    assert "it is larger than 1 MiB" in refusal(tmp_path)


def test_many_thousand_lines_are_read_at_once(tmp_path: Path) -> None:
    lines = [f"package-{n}==1.{n} \\\n    --hash=sha256:{n:064x}" for n in range(20_000)]
    write(tmp_path, *lines)
    found = read(tmp_path)
    assert (len(found.lines), found.is_locked) == (20_000, True)


def test_a_folder_a_pipe_and_a_link_to_nowhere_are_refused_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.mkdir()
    assert "it is a folder" in refusal(tmp_path)
    path.rmdir()
    os.mkfifo(path)
    assert "it is not a plain file" in refusal(tmp_path)
    path.unlink()
    path.symlink_to("gone.txt")
    assert "No such file" in refusal(tmp_path)
    path.unlink()
    path.symlink_to("requirements.txt")
    assert "cannot be read" in refusal(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_must_not_be_read_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "six").chmod(0)
    assert "Permission denied" in refusal(tmp_path)


def test_a_link_is_followed_and_what_it_leads_to_counts(tmp_path: Path) -> None:
    target = write(tmp_path / "shared", "six", "-r more.txt", name="base.txt")
    write(tmp_path, "idna", name="more.txt")
    (tmp_path / "requirements.txt").symlink_to(target)
    found = read(tmp_path)
    assert found.lines == ("six", "idna")  # `-r` is relative to the link, as for pip
    before = {entry.path: entry.sha256 for entry in found.inputs}
    write(tmp_path / "shared", "six", "", name="base.txt")
    after = {entry.path: entry.sha256 for entry in read(tmp_path).inputs}
    assert before["requirements.txt"] != after["requirements.txt"]


def test_a_comment_that_ends_in_a_backslash_hides_nothing(tmp_path: Path) -> None:
    write(tmp_path, "# from C:\\wheels\\", "six", "idna \\", "# in between", "  >=3", "x#y")
    assert read(tmp_path).lines == ("six", "idna", ">=3", "x#y")


def test_hashes_on_lines_of_their_own_belong_to_their_requirement(tmp_path: Path) -> None:
    lock = "six==1.17.0 \\\n    --hash=sha256:aa \\\r\n    --hash=sha256:bb  # via x\r\n"
    (tmp_path / "requirements.txt").write_bytes(lock.encode())
    found = read(tmp_path)
    assert found.lines == ("six==1.17.0 --hash=sha256:aa --hash=sha256:bb",)
    assert found.is_locked


def test_a_lock_may_hold_what_says_itself_where_it_is(tmp_path: Path) -> None:
    write(
        tmp_path,
        "six==1.17.0 --hash=sha256:aa",
        "-e ./lib",
        "thing @ git+https://host/thing.git@abc",
        "other @ https://host/other.whl#sha256=bb",
    )
    assert read(tmp_path).is_locked


@pytest.mark.parametrize(
    "loose", ["idna==3.4", "idna", "idna>=3 --hash=sha256:bb", "thing @ https://host/t.zip"]
)
def test_hashes_that_hold_for_some_only_are_refused_rather_than_dropped(
    tmp_path: Path, loose: str
) -> None:
    write(tmp_path, "six==1.17.0 --hash=sha256:aa", loose)
    assert f'"{loose}" can be any file' in refusal(tmp_path)


def test_hashes_may_be_demanded_without_being_there(tmp_path: Path) -> None:
    write(tmp_path, "--require-hashes", "six==1.17.0")
    assert '"six==1.17.0" can be any file' in refusal(tmp_path)
    write(tmp_path, "--require-hashes")
    assert read(tmp_path).is_locked


def test_a_file_that_includes_itself_is_read_once_and_flattened(tmp_path: Path) -> None:
    write(tmp_path, "six", "-r requirements.txt", "-r parts/../requirements.txt", "idna")
    (tmp_path / "parts").mkdir()
    found = read(tmp_path)
    assert found.lines == ("six", "idna")
    assert found.rewritten == ("six", "idna")


def test_a_loop_through_links_ends(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    write(tmp_path, "six", "-r loop/requirements.txt")
    assert read(tmp_path).lines == ("six",)


def test_a_chain_without_end_is_refused(tmp_path: Path) -> None:
    for number in range(250):
        write(tmp_path, f"-r {number + 1}.txt", name=f"{number}.txt")
    write(tmp_path, "-r 0.txt")
    assert "more than 200 requirements files" in refusal(tmp_path)


def test_a_file_may_limit_versions_and_ask_for_them_as_well(tmp_path: Path) -> None:
    write(tmp_path, "six<2", name="base.txt")
    write(tmp_path, "-c base.txt", "-r base.txt")
    found = read(tmp_path)
    assert (found.lines, found.constraints) == (("six<2",), ("six<2",))
    assert [entry.path for entry in found.inputs].count("base.txt") == 1


def test_constraints_alone_ask_for_nothing(tmp_path: Path) -> None:
    write(tmp_path, "six<2", name="base.txt")
    write(tmp_path, "-c base.txt", "--pre")
    found = read(tmp_path)
    assert found.is_empty
    write(tmp_path, "six<3", name="base.txt")
    assert read(tmp_path).sha256 != found.sha256


@pytest.mark.parametrize("line", ["-e ./lib", "--editable=./lib", "./lib", "-r https://h/r.txt"])
def test_what_asks_for_something_is_not_empty(tmp_path: Path, line: str) -> None:
    write(tmp_path, line)
    assert not read(tmp_path).is_empty


@pytest.mark.parametrize(
    "line",
    [
        "-r my parts.txt",
        '-r "my parts.txt"',
        "--requirement='my parts.txt'",
        r"-r my\ parts.txt",
        "-r ${PARTS}",
        "-r ./sub/../my parts.txt",
    ],
)
def test_names_with_spaces_and_variables_are_followed(
    tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTS", "my parts.txt")
    write(tmp_path, "six", name="my parts.txt")
    (tmp_path / "sub").mkdir()
    write(tmp_path, line)
    assert read(tmp_path).lines == ("six",)


def test_an_include_by_url_is_followed_on_this_machine_and_left_on_others(tmp_path: Path) -> None:
    write(tmp_path, "six", name="my parts.txt")
    write(tmp_path, f"-r {tmp_path.as_uri()}/my%20parts.txt", "-r https://host/more.txt")
    found = read(tmp_path)
    assert found.lines == ("six", "-r https://host/more.txt")
    assert "my parts.txt" in [entry.path for entry in found.inputs]


def test_credentials_in_variables_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    write(tmp_path, "--index-url https://u:${TOKEN}@host/simple", "x @ git+https://${TOKEN}@h/x")
    found = read(tmp_path)
    assert "s3cret" not in repr(found)
    assert "https://u:s3cret@host/simple" in found.text  # for those who keep it out of logs
    monkeypatch.setenv("TOKEN", "other")
    assert read(tmp_path).sha256 == found.sha256


def test_a_local_projects_files_are_inputs_and_a_change_of_them_counts(tmp_path: Path) -> None:
    lib = tmp_path / "my lib"
    lib.mkdir()
    (lib / "setup.py").write_text("one")
    write(tmp_path, "-e './my lib[fast]'")
    found = read(tmp_path)
    known = {entry.path: entry.sha256 is not None for entry in found.inputs}
    assert known["my lib/setup.py"]
    assert (known["my lib/pyproject.toml"], known["my lib/setup.cfg"]) == (False, False)
    (lib / "setup.py").write_text("two")
    changed = read(tmp_path)
    assert changed.sha256 != found.sha256
    (lib / "pyproject.toml").write_text("[project]")
    assert read(tmp_path).sha256 != changed.sha256


@pytest.mark.parametrize(
    ("line", "extras"),
    [
        ("-e './my lib[fast]'", "[fast]"),
        (r"--editable=./my\ lib", ""),
        ("-e ./my lib ; python_version > '3'", ""),
        ('-e "${HERE}/my lib"', ""),
    ],
)
def test_an_editable_project_is_named_as_all_tools_read_it(
    tmp_path: Path, line: str, extras: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERE", str(tmp_path))
    (tmp_path / "my lib").mkdir()
    write(tmp_path, line)
    found = read(tmp_path)
    assert found.lines == (f"-e {tmp_path.as_uri()}/my%20lib{extras}",)
    assert found.rewritten == found.lines
    write(tmp_path, "-e ./lib[fast]")
    assert read(tmp_path).rewritten is None


def test_of_archives_small_ones_are_inputs(tmp_path: Path) -> None:
    (tmp_path / "small.whl").write_bytes(b"x")
    (tmp_path / "large.whl").write_bytes(bytes(1024 * 1024 + 1))
    write(tmp_path, "./small.whl", "./large.whl", "./gone.whl")
    known = {entry.path: entry.sha256 is not None for entry in read(tmp_path).inputs}
    assert (known["small.whl"], known["gone.whl"], "large.whl" in known) == (True, False, False)


def test_several_options_on_a_line_are_several_options(tmp_path: Path) -> None:
    (tmp_path / "my wheels").mkdir()
    write(tmp_path, "--no-index --find-links './my wheels' --pre", "six")
    found = read(tmp_path)
    links = f"--find-links '{tmp_path}/my wheels'"
    assert found.options == ("--no-index", links, "--pre")
    assert found.lines == ("--no-index", "--find-links './my wheels'", "--pre", "six")


def test_our_lock_depends_on_what_it_was_locked_from(tmp_path: Path) -> None:
    write(tmp_path, "six", name="requirements.in")
    write(tmp_path, "six==1.17.0 --hash=sha256:aa")
    assert "requirements.in" not in [entry.path for entry in read(tmp_path).inputs]
    header = (
        "# Locked by `synapse env lock` from requirements.in (sha256 0a1b) for Python 3.11, "
        "linux-x86_64."
    )
    write(tmp_path, header, "six==1.17.0 --hash=sha256:aa")
    known = {entry.path: entry.sha256 is not None for entry in read(tmp_path).inputs}
    assert known["requirements.in"]
