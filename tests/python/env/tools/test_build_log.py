"""The log of a build: everything, in a bounded file, whatever happens to its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.env.tools.build_log import BuildLog

if TYPE_CHECKING:
    from pathlib import Path


def test_every_line_is_in_the_file_as_soon_as_it_was_said(tmp_path: Path) -> None:
    log = BuildLog(tmp_path / "build.log")
    log.open()
    log.write("one")
    log.write("zwei: ä")
    assert (tmp_path / "build.log").read_text("utf-8") == "one\nzwei: ä\n"
    assert (tmp_path / "build.log").stat().st_mode & 0o777 == 0o600
    log.close()


def test_lines_said_before_the_folder_was_there_are_not_lost(tmp_path: Path) -> None:
    log = BuildLog(tmp_path / "venv" / "build.log")
    log.open()
    log.write("fetching the tools")
    (tmp_path / "venv").mkdir()
    log.open()
    log.write("installing")
    log.close()
    assert log.saved() == tmp_path / "venv" / "build.log"
    assert (tmp_path / "venv" / "build.log").read_text() == "fetching the tools\ninstalling\n"


def test_an_exchanged_folder_gets_the_whole_log(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    venv.mkdir()
    log = BuildLog(venv / "build.log")
    log.open()
    log.write("first")
    venv.rename(tmp_path / "old")
    venv.mkdir()
    log.open()
    log.write("second")
    log.close()
    assert (venv / "build.log").read_text() == "first\nsecond\n"


def test_a_build_without_a_folder_leaves_its_log_elsewhere(tmp_path: Path) -> None:
    fallback = tmp_path / "cache" / "logs" / "x.log"
    log = BuildLog(tmp_path / "never" / "build.log", fallback)
    assert log.saved() is None
    log.open()
    log.write("no tools to be had")
    assert log.saved() == fallback
    assert fallback.read_text() == "no tools to be had\n"


def test_of_a_log_that_grows_for_ever_the_beginning_and_the_end_stay(tmp_path: Path) -> None:
    path = tmp_path / "build.log"
    log = BuildLog(path, limit_bytes=10_000)
    log.open()
    for number in range(20_000):
        log.write(f"line {number}")
        if number == 10_000:
            log.open()  # another tool begins
    log.close()
    assert path.stat().st_size <= 10_200
    lines = path.read_text().splitlines()
    assert lines[:2] == ["line 0", "line 1"]
    assert lines[-1] == "line 19999"
    (note,) = [line for line in lines if "left out" in line]
    left = int(note.split()[1])
    assert left > 100_000
    # Every line that is there is whole.
    assert all(line == "" or line == note or line.startswith("line ") for line in lines)
    numbers = [int(line.split()[1]) for line in lines if line.startswith("line ")]
    assert numbers == sorted(numbers)


def test_a_disk_that_is_full_does_not_fail_the_log(tmp_path: Path) -> None:
    log = BuildLog(tmp_path / "full")
    (tmp_path / "full").symlink_to("/dev/full")
    log.open()
    log.write("x")
    log.write("y")
    log.close()
