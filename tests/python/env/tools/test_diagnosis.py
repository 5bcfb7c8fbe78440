"""What the tools print, as they printed it, and what we make of it."""

from __future__ import annotations

import pytest

from synapse_worker.env.tools.diagnosis import diagnose
from synapse_worker.env.tools.toolrun import ToolError

OUTPUTS = {
    "uv: no network": (
        (
            "error: Request failed after 3 retries in 8.8s\n"
            "  cause: error sending request for url (https://pypi.org/simple/six/)\n"
            "  cause: client error (Connect)\n  cause: dns error"
        ),
        "NETWORK_UNAVAILABLE",
        "",
    ),
    "pip: no network, then a false claim": (
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...: "
            "Failed to establish a new connection: [Errno 111] Connection refused')': /simple/six/\n"
            "ERROR: No matching distribution found for six"
        ),
        "NETWORK_UNAVAILABLE",
        "",
    ),
    "uv: offline": (
        "error: Network connectivity is disabled, but the requested data wasn't found in the cache",
        "NETWORK_UNAVAILABLE",
        "",
    ),
    "uv: unknown package": (
        (
            "error: No solution found when resolving dependencies\n  cause: Because nope was not found in "
            "the package registry and you require nope, we can conclude that your requirements are "
            "unsatisfiable."
        ),
        "PACKAGE_NOT_FOUND",
        "nope",
    ),
    "uv: unknown version": (
        (
            "error: No solution found\n  cause: Because there is no version of six==99 and you require "
            "six==99, we can conclude that your requirements are unsatisfiable."
        ),
        "PACKAGE_NOT_FOUND",
        "six==99",
    ),
    "pip: unknown version": (
        (
            "ERROR: Could not find a version that satisfies the requirement six==99 (from versions: 1)\n"
            "ERROR: No matching distribution found for six==99"
        ),
        "PACKAGE_NOT_FOUND",
        "six==99",
    ),
    "uv: conflict": (
        (
            "error: No solution found\n  cause: Because all versions of a depend on b<1 and all versions "
            "of c depend on b>=1, we can conclude that all versions of c are incompatible."
        ),
        "REQUIREMENTS_INVALID",
        "contradict",
    ),
    "uv: contradiction": (
        (
            "error: No solution found when resolving dependencies\n  cause: Because you require "
            "six==1.16.0 and six==1.17.0, we can conclude that your requirements are unsatisfiable."
        ),
        "REQUIREMENTS_INVALID",
        "contradict",
    ),
    "pip: contradiction": (
        "ERROR: Double requirement given: six==1.17.0 (from -r x) (already in six==1.16.0)",
        "REQUIREMENTS_INVALID",
        "contradict",
    ),
    "pip: conflict": (
        "ERROR: Cannot install a and c because these package versions have conflicting dependencies.",
        "REQUIREMENTS_INVALID",
        "contradict",
    ),
    "uv: syntax": (
        "error: Couldn't parse requirement in `requirements.txt` at position 0",
        "REQUIREMENTS_INVALID",
        "written",
    ),
    "pip: syntax": (
        "pip._internal.exceptions.InstallationError: Invalid requirement: 'six=99' (from line 1)",
        "REQUIREMENTS_INVALID",
        "written",
    ),
    "virtualenv: a colon in the path": (
        (
            "usage: virtualenv [--version] [--with-traceback] [-v | -q]\n                  dest\n"
            "virtualenv: error: argument dest: destination '/a:b/.venv' must not contain the path "
            "separator (:) as this would break the activation scripts\nSystemExit: 2"
        ),
        "BUILD_FAILED",
        "colon",
    ),
    "disk full": (
        "error: failed to copy file\n  cause: No space left on device (os error 28)",
        "ENVIRONMENT_UNWRITABLE",
        "",
    ),
    "compiler": ("error: command 'gcc' failed: No such file or directory", "BUILD_FAILED", "Tool"),
}


@pytest.mark.parametrize(("output", "code", "said"), OUTPUTS.values(), ids=OUTPUTS.keys())
def test_output_is_named(output: str, code: str, said: str) -> None:
    failure = diagnose(ToolError("Tool", 1, output.splitlines()))
    assert failure.code == code
    assert said in failure.message
    assert failure.lines == tuple(output.splitlines())
    assert failure.hint
    assert failure.retryable is (code == "NETWORK_UNAVAILABLE")


def test_a_tool_that_was_killed_may_be_tried_again() -> None:
    failure = diagnose(ToolError("Installing the packages", -9, ["Downloading torch"]))
    assert (failure.code, failure.retryable) == ("BUILD_FAILED", True)
    assert failure.message == "Installing the packages was killed by signal 9."
    assert "Memory that ran out" in failure.hint


def test_of_a_tools_traceback_only_the_end_is_shown() -> None:
    lines = [
        "  ERROR: Cannot install a",
        "Traceback (most recent call last):",
        '  File "/x/resolver.py", line 1, in resolve',
        "    raise error",
        "x.Inner: detail",
        "The above exception was the direct cause of the following exception:",
        "Traceback (most recent call last):",
        '  File "/x/main.py", line 1, in <module>',
        "x.Outer: the end",
    ]
    shown = diagnose(ToolError("Tool", 1, lines)).lines
    assert shown == ("  ERROR: Cannot install a", "x.Outer: the end")
