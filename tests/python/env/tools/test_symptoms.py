"""The table of symptoms against the real words of the tools: the cause, then what to do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.tools.diagnosis import diagnose
from synapse_worker.env.tools.toolrun import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import ModuleEnvironmentError

    Output = Callable[[str, str], list[str]]

# Case, the tools that were in it, the code, and the whole first sentence.
EXPECTED = [
    (
        "401",
        "pip pip-compile uv uv-compile",
        "INVALID_CONFIG",
        "The package index asks for credentials and did not accept ours.",
    ),
    (
        "403",
        "pip pip-compile uv uv-compile",
        "INVALID_CONFIG",
        'The package index refuses to give "good" to us (403 Forbidden).',
    ),
    (
        "503",
        "pip pip-compile uv uv-compile",
        "NETWORK_UNAVAILABLE",
        "The package index has a fault of its own (status 503).",
    ),
    (
        "compiler out of memory",
        "pip uv",
        "BUILD_FAILED",
        'Building "okext" for Python 3.11.7 failed: its compiler was killed.',
    ),
    (
        "conflict",
        "pip pip-compile",
        "PACKAGE_NOT_FOUND",
        'The index has no package "good<1" for this interpreter.',
    ),
    (
        "conflict",
        "uv uv-compile",
        "REQUIREMENTS_INVALID",
        "The requirements contradict each other.",
    ),
    (
        "contradiction",
        "pip pip-compile uv uv-compile",
        "REQUIREMENTS_INVALID",
        "The requirements contradict each other.",
    ),
    (
        "cut download",
        "pip pip-compile uv",
        "NETWORK_UNAVAILABLE",
        "The package index cannot be reached.",
    ),
    (
        "damaged wheel",
        "pip pip-compile uv uv-compile",
        "BUILD_FAILED",
        'The file of "badzip" is damaged.',
    ),
    (
        "disk full",
        "pip uv",
        "ENVIRONMENT_UNWRITABLE",
        "The disk is full: the environment cannot be written.",
    ),
    ("dns", "pip uv", "NETWORK_UNAVAILABLE", "The package index cannot be reached."),
    ("endless redirect", "pip", "NETWORK_UNAVAILABLE", "The package index cannot be reached."),
    (
        "endless redirect",
        "uv",
        "PACKAGE_NOT_FOUND",
        'The index has no package "good" for this interpreter.',
    ),
    (
        "foreign wheel by url",
        "pip uv",
        "PACKAGE_NOT_FOUND",
        'The wheel "plat-1.0-cp311-cp311-win_amd64.whl" is not for Python 3.11.7 on this machine.',
    ),
    (
        "git host refuses",
        "pip uv",
        "NETWORK_UNAVAILABLE",
        'The git repository "https://127.0.0.1:9/x.git" cannot be reached.',
    ),
    (
        "hash mismatch",
        "pip pip-compile uv",
        "REQUIREMENTS_INVALID",
        'The file of "good==1.0" is not the one that was locked: its hash is another.',
    ),
    (
        "hash missing",
        "pip uv",
        "REQUIREMENTS_INVALID",
        'Some requirements are locked by hash, and "good==1.0" is not.',
    ),
    (
        "killed compiler",
        "pip uv",
        "BUILD_FAILED",
        'Building "okext" for Python 3.11.7 failed: its compiler was killed.',
    ),
    (
        "known header",
        "pip uv",
        "BUILD_FAILED",
        'Building "pqhdr" for Python 3.11.7 failed: the header "libpq-fe.h" is missing on this machine.',
    ),
    (
        "library",
        "pip uv",
        "BUILD_FAILED",
        'Building "nolib" for Python 3.11.7 failed: the library "xml2nothere" is missing on this machine.',
    ),
    (
        "login page",
        "pip uv",
        "PACKAGE_NOT_FOUND",
        'The index has no package "good" for this interpreter.',
    ),
    (
        "missing folder",
        "pip pip-compile",
        "REQUIREMENTS_INVALID",
        'The requirements name "./nofolder", which does not exist.',
    ),
    (
        "missing folder",
        "uv uv-compile",
        "REQUIREMENTS_INVALID",
        'The requirements name "/home/me/module/nofolder", which does not exist.',
    ),
    (
        "missing included file",
        "pip pip-compile uv uv-compile",
        "REQUIREMENTS_INVALID",
        'The requirements include "/home/me/module/nofile.txt", which cannot be read.',
    ),
    (
        "newer python in a folder",
        "pip pip-compile uv uv-compile",
        "PYTHON_UNSUPPORTED",
        '"oldpy" needs Python >=3.99, but this environment has Python 3.11.7.',
    ),
    (
        "newer python on the index",
        "pip pip-compile",
        "PYTHON_UNSUPPORTED",
        '"newer" needs another Python than 3.11.7.',
    ),
    (
        "newer python on the index",
        "uv uv-compile",
        "PYTHON_UNSUPPORTED",
        '"newer" needs Python >=3.99, but this environment has Python 3.11.7.',
    ),
    (
        "no build allowed",
        "pip",
        "PACKAGE_NOT_FOUND",
        'The index has no package "setuptools" for this interpreter.',
    ),
    (
        "no build allowed",
        "uv",
        "PACKAGE_NOT_FOUND",
        '"okext" has no wheel for Python 3.11.7 on this machine.',
    ),
    (
        "no cmake",
        "pip uv",
        "BUILD_FAILED",
        'Building "cmk" for Python 3.11.7 failed: the program "cmake" is missing on this machine.',
    ),
    (
        "no compiler",
        "pip uv",
        "BUILD_FAILED",
        'Building "okext" for Python 3.11.7 failed: there is no C compiler on this machine.',
    ),
    (
        "no git",
        "pip uv",
        "BUILD_FAILED",
        "A requirement comes from a git repository, and there is no git on this machine.",
    ),
    (
        "no index",
        "pip uv",
        "PACKAGE_NOT_FOUND",
        'The index has no package "good" for this interpreter.',
    ),
    (
        "no pg_config",
        "pip",
        "BUILD_FAILED",
        'Building "cfgfail" for Python 3.11.7 failed: the program "pg_config" is missing on this machine.',
    ),
    (
        "no pg_config",
        "uv",
        "BUILD_FAILED",
        'Building a package for Python 3.11.7 failed: the program "pg_config" is missing on this machine.',
    ),
    (
        "no rust (maturin)",
        "pip uv",
        "BUILD_FAILED",
        'Building "rs" for Python 3.11.7 failed: there is no Rust compiler on this machine.',
    ),
    (
        "no rust (setuptools-rust)",
        "pip uv",
        "BUILD_FAILED",
        'Building "rs2" for Python 3.11.7 failed: there is no Rust compiler on this machine.',
    ),
    (
        "no such repository",
        "pip uv",
        "PACKAGE_NOT_FOUND",
        'The git repository of "x", or the revision asked for, does not exist.',
    ),
    (
        "proxy refuses",
        "pip uv",
        "NETWORK_UNAVAILABLE",
        "The proxy does not let us reach the package index.",
    ),
    (
        "proxy refuses connections",
        "pip",
        "NETWORK_UNAVAILABLE",
        "The package index cannot be reached.",
    ),
    (
        "proxy refuses connections",
        "uv",
        "NETWORK_UNAVAILABLE",
        "The proxy does not let us reach the package index.",
    ),
    ("refused", "pip uv", "NETWORK_UNAVAILABLE", "The package index cannot be reached."),
    ("setup.py raises", "pip", "BUILD_FAILED", 'Building "boom" for Python 3.11.7 failed.'),
    ("setup.py raises", "uv", "BUILD_FAILED", "Building a package for Python 3.11.7 failed."),
    ("slow index", "pip uv", "NETWORK_UNAVAILABLE", "The package index cannot be reached."),
    (
        "source does not compile",
        "pip uv",
        "BUILD_FAILED",
        'Building "badc" for Python 3.11.7 failed: its source does not compile.',
    ),
    (
        "syntax",
        "pip pip-compile uv uv-compile",
        "REQUIREMENTS_INVALID",
        "The requirements cannot be used as they are written.",
    ),
    (
        "tls",
        "pip pip-compile uv uv-compile",
        "NETWORK_UNAVAILABLE",
        "The certificate of the package index is not trusted.",
    ),
    (
        "undeclared build requirement",
        "pip",
        "BUILD_FAILED",
        'Building "modmiss" for Python 3.11.7 failed: its build imports "numpy", which it does not say it needs.',
    ),
    (
        "undeclared build requirement",
        "uv",
        "BUILD_FAILED",
        'Building a package for Python 3.11.7 failed: its build imports "numpy", which it does not say it needs.',
    ),
    (
        "unknown header",
        "pip uv",
        "BUILD_FAILED",
        'Building "nohdr" for Python 3.11.7 failed: the header "nothere.h" is missing on this machine.',
    ),
    (
        "unknown option",
        "pip pip-compile uv uv-compile",
        "REQUIREMENTS_INVALID",
        "The requirements cannot be used as they are written.",
    ),
    (
        "unknown package",
        "pip pip-compile uv uv-compile",
        "PACKAGE_NOT_FOUND",
        'The index has no package "nope" for this interpreter.',
    ),
    (
        "unknown version",
        "pip pip-compile uv uv-compile",
        "PACKAGE_NOT_FOUND",
        'The index has no package "good==9" for this interpreter.',
    ),
    (
        "url with nothing",
        "pip uv",
        "PACKAGE_NOT_FOUND",
        'There is nothing at "http://127.0.0.1:8765/nofile/x-1.0-py3-none-any.whl".',
    ),
    (
        "wheel of another platform",
        "pip pip-compile",
        "PACKAGE_NOT_FOUND",
        'The index has no package "plat" for this interpreter.',
    ),
    (
        "wheel of another platform",
        "uv uv-compile",
        "PACKAGE_NOT_FOUND",
        '"plat==1.0" has no wheel for Python 3.11.7 on this machine.',
    ),
    (
        "wrong credentials",
        "pip uv",
        "INVALID_CONFIG",
        "The package index asks for credentials and did not accept ours.",
    ),
    (
        "yanked",
        "pip pip-compile uv uv-compile",
        "PACKAGE_NOT_FOUND",
        'Every version of "yan" that fits was yanked: its maintainers took 1.0 back.',
    ),
]

# What the advice must name, beside the sentence.
ADVICE = {
    "401": "token",
    "403": "spelling",
    "503": "Retry later",
    "compiler out of memory": "Memory",
    "contradiction": "Loosen",
    "disk full": "Free some space",
    "hash mismatch": "synapse env lock",
    "hash missing": "synapse env lock",
    "known header": "apt install libpq-dev",
    "library": "libxml2nothere-dev",
    "no cmake": "apt install cmake",
    "no compiler": "apt install build-essential",
    "no git": "apt install git",
    "no pg_config": "apt install libpq-dev",
    "no rust (maturin)": "rustup",
    "newer python on the index": "--python",
    "proxy refuses": "NO_PROXY",
    "tls": "SSL_CERT_FILE",
    "unknown header": "apt-file search nothere.h",
    "yanked": "exact pin",
}
CASES = [
    pytest.param(case, tool, code, message, id=f"{tool}: {case}")
    for case, tools, code, message in EXPECTED
    for tool in tools.split()
]


def failure_of(lines: list[str]) -> ModuleEnvironmentError:
    return diagnose(ToolError("Installing the packages", 1, lines, python="3.11.7"))


@pytest.mark.parametrize(("case", "tool", "code", "message"), CASES)
def test_what_a_tool_says_is_named(
    output_of: Output, case: str, tool: str, code: str, message: str
) -> None:
    failure = failure_of(output_of(tool, case))
    assert (failure.code, failure.message) == (code, message)
    assert ADVICE.get(case, "") in failure.hint
    assert "{" not in failure.hint
    assert 0 < len(failure.lines) <= 20


@pytest.mark.parametrize("tool", ["pip", "uv"])
@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("no compiler", "error: [Errno 2] No such file or directory: 'gcc'"),
        ("known header", "ext.c:1:10: fatal error: libpq-fe.h: No such file or directory"),
        ("library", "/usr/bin/ld: cannot find -lxml2nothere: No such file or directory"),
        ("source does not compile", "    1 | int f( { return 1; }"),
        ("setup.py raises", "RuntimeError: this package needs the FOO library"),
    ],
)
def test_of_a_failed_build_the_compilers_last_lines_are_shown(
    output_of: Output, tool: str, case: str, said: str
) -> None:
    lines = failure_of(output_of(tool, case)).lines
    assert said in lines
    assert len(lines) <= 15
    # Nothing of the installer's own frame around it.
    assert not any("end of output" in line or "Traceback" in line for line in lines)


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_of_a_long_build_the_end_is_found_though_its_beginning_is_forgotten(
    output_of: Output, tool: str
) -> None:
    lines = output_of(tool, "unknown header")
    begin = next(i for i, line in enumerate(lines) if "running bdist_wheel" in line)
    margin = " " * (len(lines[begin]) - len(lines[begin].lstrip()))
    chatter = [f"{margin}a.c:{n}:1: warning: unused variable" for n in range(900)]
    failure = failure_of([*chatter, *lines[begin + 1 :]])
    assert 'the header "nothere.h" is missing' in failure.message
    assert failure.lines[-1].startswith("error: Command '['gcc'")


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_build_that_ran_out_of_memory_may_be_tried_again(output_of: Output, tool: str) -> None:
    assert failure_of(output_of(tool, "compiler out of memory")).retryable
    assert failure_of(output_of(tool, "killed compiler")).retryable
    assert not failure_of(output_of(tool, "no compiler")).retryable


def test_a_version_that_was_left_out_for_another_reason_is_not_blamed_on_python() -> None:
    ignored = "versions that require a different python version: 2.3.0 Requires-Python >=3.12"
    wanted = "Could not find a version that satisfies the requirement"
    newer = failure_of(
        [
            f"ERROR: Ignored the following {ignored}",
            f"ERROR: {wanted} x==2.3.0 (from versions: 1.0, 2.0)",
        ]
    )
    absent = failure_of(
        [
            f"ERROR: Ignored the following {ignored}",
            f"ERROR: {wanted} x==9 (from versions: 1.0, 2.0)",
        ]
    )
    assert newer.code == "PYTHON_UNSUPPORTED"
    assert absent.code == "PACKAGE_NOT_FOUND"


@pytest.mark.parametrize(
    "said",
    [
        "error: Unexpected '!', expected '-c', '-e', '-r' or the start of a requirement: r.txt:3:1",
        'error: Expected `--hash`, found `"--config-settings=x=y"`: r.txt:3:14',
    ],
)
def test_a_line_that_is_no_requirement_is_a_fault_of_the_requirements(said: str) -> None:
    assert failure_of([said]).code == "REQUIREMENTS_INVALID"


def test_hostile_output_is_read_in_no_time() -> None:
    lines = ["a" * 60_000, "Because " * 5_000, "-" * 60_000 + ".whl", "x=" * 30_000] * 100
    began = time.monotonic()
    failure = failure_of(lines)
    assert failure.code == "BUILD_FAILED"
    assert max(map(len, failure.lines)) <= 301
    assert time.monotonic() - began < 5
