"""The sentences that pip, pip-compile, uv, git and compilers print, and what each stands for.

They have no machine-readable errors, so this is a table; the first row that applies wins. Builds
stand first, because a build that misses Rust tries to download it. Then comes the network, because
pip goes on to claim that a package it could not ask for does not exist. Every row is tested against
real outputs of the tools (`tests/python/env/tools/outputs`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import (
    BUILD_FAILED,
    ENVIRONMENT_UNWRITABLE,
    INVALID_CONFIG,
    NETWORK_UNAVAILABLE,
    PACKAGE_NOT_FOUND,
    PYTHON_UNSUPPORTED,
    REQUIREMENTS_INVALID,
)
from .system_packages import compiler_advice, header_advice, library_advice, program_advice

if TYPE_CHECKING:
    from collections.abc import Callable

Groups = dict[str, str]


@dataclass(frozen=True)
class Symptom:
    """A sentence tools print, the code it stands for, our sentence and the advice.

    Message and hint are filled with the pattern's groups, `package` and `python`.
    """

    pattern: re.Pattern[str]
    code: str
    message: str
    hint: str
    # A message of a build says first which package could not be built for which Python.
    is_build: bool = False
    # Whether the same build may succeed next time, where the code does not say it.
    is_passing: bool = False
    applies: Callable[[Groups], bool] = lambda _groups: True
    # Fills {advice} of the hint.
    advice: Callable[[Groups], str] = lambda _groups: ""


def _row(pattern: str, code: str, message: str, hint: str) -> Symptom:
    return Symptom(re.compile(pattern, re.IGNORECASE), code, message, hint)


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


def _names_an_ignored_version(groups: Groups) -> bool:
    """Say whether what was asked for is among what pip left out."""
    asked = re.findall(r"\d[\w.]*", groups["package"])
    return groups["versions"] == "none" or any(one in groups["ignored"] for one in asked)


_OR_A_WHEEL = "or use a version that has a wheel for Python {python}: it needs no build."
_COMPILERS = r"(?:[\w-]*-)?(?:gcc|g\+\+|cc|c\+\+|clang(?:\+\+)?|cl\.exe)(?:-\d+)?"
_NETWORK = (
    "Check the network, the proxy (HTTPS_PROXY) and the index settings (pip.conf, PIP_INDEX_URL, "
    "UV_DEFAULT_INDEX), then retry; what has been downloaded is kept."
)

_PLACES = (
    _row(
        r"must not contain the path separator|because it contains the PATH separator",
        BUILD_FAILED,
        "The module's path has a colon in it, and there no virtual environment can be made.",
        "Move or rename the folder, so that its path has no colon. (A colon separates the folders of PATH.)",
    ),
    _row(
        r"no space left on device|disk quota exceeded|os error 28\b",
        ENVIRONMENT_UNWRITABLE,
        "The disk is full: the environment cannot be written.",
        "Free some space where the module, the cache folder and the temporary folder (TMPDIR) are, "
        "then retry.",
    ),
    _row(
        r"read-only file system|permission denied \(os error 13\)|\[errno 13\] permission denied",
        ENVIRONMENT_UNWRITABLE,
        "The environment cannot be written.",
        "Make the module's folder and the cache folder writable for this user, then retry.",
    ),
)

_BUILDS = (
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

_INDEXES = (
    _row(
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|SSLCertVerificationError"
        r"|certificate verify failed|SSL certificate problem|server certificate verification failed",
        NETWORK_UNAVAILABLE,
        "The certificate of the package index is not trusted.",
        "Where a company's proxy signs it, name its certificates: PIP_CERT, SSL_CERT_FILE, or `cert` "
        "in pip.conf. Otherwise check the address and this machine's clock.",
    ),
    _row(
        r"407 Proxy Authentication|ProxyError|Cannot connect to proxy|Tunnel connection failed"
        r"|tunnel error",
        NETWORK_UNAVAILABLE,
        "The proxy does not let us reach the package index.",
        "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY (and `proxy` in pip.conf), then retry.",
    ),
    _row(
        r"401 Unauthorized|40[13] Error, Credentials not correct|401 Client Error"
        r"|lack of valid authentication|Authentication failed for|could not read Username"
        r"|Permission denied \(publickey|fatal: could not read Password",
        INVALID_CONFIG,
        "The package index asks for credentials and did not accept ours.",
        "Give user and password or a token where the index is configured (its address, ~/.netrc, a "
        "keyring), and check that they have not expired.",
    ),
    _row(
        r"403 Forbidden|403 Client Error",
        INVALID_CONFIG,
        'The package index refuses to give "{package}" to us (403 Forbidden).',
        "Check the credentials and what they allow; some indexes answer so for a package they do not "
        "have: then check its spelling.",
    ),
    _row(
        r"HTTP status server error \((?P<status>5\d\d)|(?P<status2>5\d\d) Server Error"
        r"|too many (?P<status3>5\d\d) error responses",
        NETWORK_UNAVAILABLE,
        "The package index has a fault of its own (status {status}).",
        "Retry later, or use another index; what has been downloaded is kept.",
    ),
    _row(
        r"fatal: unable to access '(?P<url>[^']+?)/?':",
        NETWORK_UNAVAILABLE,
        'The git repository "{url}" cannot be reached.',
        "Check the network, the proxy (HTTPS_PROXY) and the address, then retry.",
    ),
    _row(
        r"NewConnectionError|Failed to establish a new connection|Temporary failure in name "
        r"resolution|Name or service not known|nodename nor servname|Network is unreachable"
        r"|error sending request for url|dns error|client error \(Connect\)|ConnectTimeout"
        r"|Read timed out|operation timed out|Network connectivity is disabled"
        r"|network was disabled|connection (?:refused|reset|aborted)|RemoteDisconnected"
        r"|Could not resolve host|Failed to connect to .+ port|Couldn't connect to server"
        r"|incomplete-download|IncompleteDownloadError|end of file before message length"
        r"|Max retries exceeded|Exceeded \d+ redirects|not a trusted or secure host",
        NETWORK_UNAVAILABLE,
        "The package index cannot be reached.",
        _NETWORK,
    ),
)

_PACKAGES = (
    _row(
        r"Cannot find command 'git'|Git executable not found",
        BUILD_FAILED,
        "A requirement comes from a git repository, and there is no git on this machine.",
        f"{program_advice('git')}.",
    ),
    _row(
        r"does not appear to be a git repository|fatal: repository .+ not found"
        r"|couldn't find remote ref|pathspec .+ did not match|fatal: Could not read from remote",
        PACKAGE_NOT_FOUND,
        'The git repository of "{package}", or the revision asked for, does not exist.',
        "Check the address and the branch, tag or commit behind the @.",
    ),
    _row(
        r"Package '(?P<package>[^']+)' requires a different Python: (?P<python>[\d.]+\w*) not in '(?P<wants>[^']+)'"
        r"|(?:current|requested) Python version \((?P<python2>[^)]+)\) does not satisfy Python(?P<wants2>\S+)"
        r" and (?P<package2>[\w.-]+)",
        PYTHON_UNSUPPORTED,
        '"{package}" needs Python {wants}, but this environment has Python {python}.',
        "Choose another Python (`--python`, or `python` in [tool.synapse]), or a version of the package "
        "that supports this one.",
    ),
    Symptom(
        re.compile(
            r"versions that require a different python version: (?P<ignored>[^\n]+)(?:\n.*)*?"
            r"satisfies the requirement (?P<package>[^\n]+?) \(from versions: (?P<versions>[^)]*)\)"
        ),
        PYTHON_UNSUPPORTED,
        '"{package}" needs another Python than {python}.',
        "Choose another Python (`--python`, or `python` in [tool.synapse]), or a version of the package "
        "that supports this one; the lines above say which version needs which Python.",
        applies=_names_an_ignored_version,
    ),
    _row(
        r"(?<![\w.-])(?P<package>[\w.-]+)==(?P<version>\S+) was yanked(?: \(reason: (?P<reason>[^)]*)\))?"
        r"|yanked versions: (?P<version2>[^\n]+)(?:\n.*)*?satisfies the requirement "
        r"(?P<package2>[^\n]+?) \(from versions: none\)",
        PACKAGE_NOT_FOUND,
        'Every version of "{package}" that fits was yanked: its maintainers took {version} back.',
        "Ask for another version. Only an exact pin (==) still installs a yanked one.",
    ),
    _row(
        r"(?<![\w.-])(?P<package>[\w.-]+(?:==\S+)?) has no wheels? with a matching"
        r"|Building source distributions is disabled, but attempted to build `(?P<package2>[^`]+)`",
        PACKAGE_NOT_FOUND,
        '"{package}" has no wheel for Python {python} on this machine.',
        "Use another version of the package, or another Python: the lines above say what there are "
        "wheels for.",
    ),
    _row(
        r"(?<![^\s/])(?P<package>[^\s/]+\.whl) is not a supported wheel on this platform"
        r"|A URL \((?:\S+/)?(?P<package2>[^\s/]+\.whl)\) dependency is incompatible with the current",
        PACKAGE_NOT_FOUND,
        'The wheel "{package}" is not for Python {python} on this machine.',
        "Name the wheel for this machine, or the package itself: the installer then chooses.",
    ),
    _row(
        r"THESE PACKAGES DO NOT MATCH THE HASHES(?:.*\n)+?\s*(?P<package>\S+==\S+) from"
        r"|Hash mismatch for `(?P<package2>[^`]+)`|THESE PACKAGES DO NOT MATCH",
        REQUIREMENTS_INVALID,
        'The file of "{package}" is not the one that was locked: its hash is another.',
        "Where the file may have changed, lock it anew (`synapse env lock --upgrade-package NAME`); "
        "otherwise somebody may have tampered with it.",
    ),
    _row(
        r"Hashes are required in --require-hashes mode(?:.*\n)+?\s*(?P<package>\S+==\S+) --hash"
        r"|all requirements must have a hash, but none were provided for: (?P<package2>\S+)"
        r"|all requirements must have their versions pinned",
        REQUIREMENTS_INVALID,
        'Some requirements are locked by hash, and "{package}" is not.',
        "Lock them all: `synapse env lock` writes every version with its hashes.",
    ),
    _row(
        r"Wheel '(?P<package>[^']+)' located at \S+ is invalid|(?<![\w.-])(?P<package2>[\w.-]+)==\S+ has an invalid "
        r"package format|Failed to read from zip file|BadZipFile|invalid Zip archive",
        BUILD_FAILED,
        'The file of "{package}" is damaged.',
        "Empty the installer's cache (`uv cache clean`, `pip cache purge`) and retry; if it stays so, the "
        "index has a damaged file.",
    ),
    _row(
        r"HTTP error 404 while getting (?P<url>\S+)"
        r"|Failed to download `(?P<package>[^`@]+?) @ (?P<url2>[^`]+)`(?:.*\n)+?.*404 Not Found",
        PACKAGE_NOT_FOUND,
        'There is nothing at "{url}".',
        "Correct the address in the requirements.",
    ),
)

_REQUIREMENTS = (
    _row(
        r"File '(?P<path>[^']+)' does not exist|Distribution not found at: (?:file://)?(?P<path2>\S+)"
        r"|OSError: \[Errno 2\] No such file or directory: '(?P<path3>[^']+\.(?:whl|gz|zip))'"
        r"|FileNotFoundError: \[Errno 2\] No such file or directory: '(?P<path4>[^']+\.(?:whl|gz|zip))'",
        REQUIREMENTS_INVALID,
        'The requirements name "{path}", which does not exist.',
        "Correct the path; it is taken from the module's folder.",
    ),
    _row(
        r"Could not open (?:requirements|constraint) file: .*'(?P<path>[^']+)'"
        r"|failed to read from file `(?P<path2>[^`]+)`",
        REQUIREMENTS_INVALID,
        'The requirements include "{path}", which cannot be read.',
        "Correct the -r or -c line that names it.",
    ),
    _row(
        r"ResolutionImpossible: for help|conflicting dependencies|depends? on .+ we can conclude that"
        r"|Because you require \S+ and (?:you require )?\S+,? we can conclude"
        r"|Double requirement given",
        REQUIREMENTS_INVALID,
        "The requirements contradict each other.",
        "Loosen one of the versions named in the lines above.",
    ),
    _row(
        r"Because (?P<package>[\w.\-\[\]]+) was not found in the (?:package registry|provided)"
        r"|Because there (?:is|are) no versions? of (?P<package2>[^\s,]+)"
        r"|No matching distribution found for (?P<package3>[^\s,]+)"
        r"|Could not find a version that satisfies the requirement (?P<package4>[^\s,]+)",
        PACKAGE_NOT_FOUND,
        'The index has no package "{package}" for this interpreter.',
        "Check the spelling and the version in the requirements, or the index they come from; what has "
        "no file for this Python and machine counts as missing, too.",
    ),
    _row(
        r"Invalid requirement|Couldn't parse requirement|Expected package name|Unsupported requirement"
        r"|no such option|requirements? file not found|invalid specifier|Unexpected '[^']+', expected '-c'"
        r"|Expected (?:one of|end of input|semicolon)",
        REQUIREMENTS_INVALID,
        "The requirements cannot be used as they are written.",
        "Correct the requirement named in the lines above.",
    ),
)

SYMPTOMS = (*_PLACES, *_BUILDS, *_INDEXES, *_PACKAGES, *_REQUIREMENTS)
