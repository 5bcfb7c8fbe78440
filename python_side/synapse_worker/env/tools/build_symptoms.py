"""What a package's own build says when it fails: compilers, linkers, build scripts.

Looked for in the build's output alone; the message then says first which package could not be built
for which Python.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import BUILD_FAILED
from .symptom import Symptom
from .system_packages import compiler_advice, header_advice, library_advice, program_advice

if TYPE_CHECKING:
    from collections.abc import Callable

    from .symptom import Groups

_OR_A_WHEEL = "or use a version that has a wheel for Python {python}: it needs no build."
_COMPILERS = r"(?:[\w-]*-)?(?:gcc|g\+\+|cc|c\+\+|clang(?:\+\+)?|cl\.exe)(?:-\d+)?"


def _build(
    pattern: str,
    message: str,
    hint: str,
    advice: Callable[[Groups], str] = lambda _groups: "",
    *,
    is_passing: bool = False,
) -> Symptom:
    return Symptom(
        re.compile(pattern),
        BUILD_FAILED,
        message,
        hint,
        is_build=True,
        is_passing=is_passing,
        advice=advice,
    )


BUILD_SYMPTOMS = (
    _build(
        r"Killed signal terminated program|internal compiler error: Killed|died with <Signals\.SIGKILL"
        r"|returned non-zero exit status -9|exit code: -9|signal: 9, SIGKILL",
        "its compiler was killed",
        "Memory that ran out is the usual reason: give the build more of it, or " + _OR_A_WHEEL,
        is_passing=True,
    ),
    _build(
        rf"No such file or directory: '(?:\S*/)?(?P<program>{_COMPILERS})'"
        rf"|command '(?:\S*/)?(?P<program2>{_COMPILERS})' failed: No such file"
        rf"|unable to execute '(?P<program3>{_COMPILERS})'"
        r"|No CMAKE_C(?:XX)?_COMPILER could be found|Unknown compiler\(s\):"
        r"|Microsoft Visual C\+\+ 14\.0 or greater is required|invalid active developer path",
        "there is no C compiler on this machine",
        "{advice}, " + _OR_A_WHEEL,
        lambda _groups: compiler_advice(),
    ),
    _build(
        r"fatal error: '?(?P<header>[\w./+-]+\.(?:h|hpp|hh))'?(?:: No such file or directory| file not found)",
        'the header "{header}" is missing on this machine',
        "{advice}, " + _OR_A_WHEEL,
        lambda groups: header_advice(groups["header"]),
    ),
    _build(
        r"cannot find -l(?P<library>[\w+.-]+?):? |cannot find -l(?P<library2>[\w+.-]+)$"
        r"|ld: library (?:not found for -l|')(?P<library3>[\w+.-]+)"
        r"|Package '?(?P<library4>[\w+.-]+)'?,? (?:required by|was not found in the pkg-config)"
        r"|No package '(?P<library5>[\w+.-]+)' found"
        r'|Dependency "(?P<library6>[\w+.-]+)" not found, tried',
        'the library "{library}" is missing on this machine',
        "{advice}, " + _OR_A_WHEEL,
        lambda groups: library_advice(groups["library"]),
    ),
    _build(
        r"can't find Rust compiler|Rust not found|Cargo, the Rust package manager, is not installed"
        r"|No such file or directory: '(?:cargo|rustc)'|rustup could not choose a version",
        "there is no Rust compiler on this machine",
        "Install Rust: `apt install rustc cargo` (Debian, Ubuntu), `brew install rust` (macOS), or "
        "rustup, " + _OR_A_WHEEL,
    ),
    _build(
        r"(?<![\w+.-])(?P<program>[\w+.-]+) executable not found|(?<![\w+.-])(?P<program2>[\w+.-]+-config|mysql_config): not found"
        r"|FileNotFoundError: \[Errno 2\] No such file or directory: '(?P<program3>[\w+-]+)'"
        r"|sh: (?:\d+: |line \d+: )?(?P<program4>[\w+.-]+): (?:command )?not found"
        r"|error: command '(?P<program5>[\w+-]+)' failed: No such file"
        r"|Did not find (?P<program6>pkg-config|cmake|ninja)",
        'the program "{program}" is missing on this machine',
        "{advice}, " + _OR_A_WHEEL,
        lambda groups: program_advice(groups["program"]),
    ),
    _build(
        r"ModuleNotFoundError: No module named '(?P<module>[\w.]+)'",
        'its build imports "{module}", which it does not say it needs',
        "Use a newer version of it, " + _OR_A_WHEEL,
    ),
    _build(
        r"(?:^|\s)\S+\.(?:c|cc|cpp|cxx|h|hpp|pyx|rs|f90|m):\d+(?::\d+)?: (?:fatal )?error:"
        r"|error\[E\d{4}\]|Error compiling Cython file",
        "its source does not compile",
        "Often a release is older than the Python it is built for: use a newer version of it, "
        + _OR_A_WHEEL,
    ),
)
