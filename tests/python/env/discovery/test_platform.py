"""Which interpreter takes packages that were made elsewhere; other systems are made up."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from synapse_worker.env import ModuleEnvironmentError
from synapse_worker.env.discovery.platform import Platform, probe_platform

DEBIAN = Platform("cpython", "3.11", "cpython-311-x86_64-linux-gnu", "linux", "x86_64", "2.36")
ALPINE = Platform("cpython", "3.11", "cpython-311-x86_64-linux-musl", "linux", "x86_64", None)
MACOS = Platform("cpython", "3.11", "cpython-311-darwin", "darwin", "arm64", None)
WINDOWS = Platform("cpython", "3.11", "cp311-win_amd64", "win32", "AMD64", None)


@pytest.mark.parametrize("needed", [DEBIAN, ALPINE, MACOS, WINDOWS])
def test_the_same_platform_fits_and_no_other(needed: Platform) -> None:
    fitting = [here for here in (DEBIAN, ALPINE, MACOS, WINDOWS) if here.takes(needed)]
    assert fitting == [needed]


@pytest.mark.parametrize(
    "change",
    [
        {"version": "3.12", "abi": "cpython-312-x86_64-linux-gnu"},
        {"abi": "cpython-311d-x86_64-linux-gnu"},
        {"machine": "aarch64", "abi": "cpython-311-aarch64-linux-gnu"},
        {"implementation": "pypy"},
        {"glibc": "2.35"},
        {"glibc": "2.9"},
        {"glibc": None},
    ],
)
def test_each_difference_counts(change: dict[str, str]) -> None:
    assert replace(DEBIAN, **change).takes(DEBIAN) is False  # type: ignore[arg-type]


def test_a_newer_glibc_takes_what_an_older_one_took() -> None:
    assert DEBIAN.takes(replace(DEBIAN, glibc="2.17"))
    assert replace(DEBIAN, glibc="2.100").takes(DEBIAN)


def test_it_is_said_in_words() -> None:
    assert str(DEBIAN) == "CPython 3.11 on linux x86_64 (glibc 2.36)"
    assert str(ALPINE) == "CPython 3.11 on linux x86_64 (another libc than glibc)"
    assert str(MACOS) == "CPython 3.11 on darwin arm64"


def test_this_interpreter_says_what_it_is() -> None:
    here = probe_platform(Path(sys.executable))
    assert here.version == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert here.system == sys.platform
    assert here.takes(here)


def test_what_does_not_run_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "python").chmod(0o755)
    for path in (tmp_path / "python", tmp_path / "gone"):
        with pytest.raises(ModuleEnvironmentError, match="does not run as a Python"):
            probe_platform(path)
