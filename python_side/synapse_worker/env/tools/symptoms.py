"""The sentences that pip, pip-compile, uv, git and compilers print, and what each stands for.

They have no machine-readable errors, so this is a table; the first row that applies wins. Builds
stand first, because a build that misses Rust tries to download it. Then comes the network, because
pip goes on to claim that a package it could not ask for does not exist. Rows are tested against real
outputs of the tools (`tests/python/env/tools/outputs`); not all alternatives in them are: the words of
meson, MSVC, clang and pkg-config among others were not seen in a run.
"""

from __future__ import annotations

import re
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
from .build_symptoms import BUILD_SYMPTOMS
from .symptom import Symptom, row
from .system_packages import program_advice

if TYPE_CHECKING:
    from .symptom import Groups


def _names_an_ignored_version(groups: Groups) -> bool:
    """Say whether what was asked for is among what pip left out."""
    asked = re.findall(r"\d[\w.]*", groups["package"])
    return groups["versions"] == "none" or any(one in groups["ignored"] for one in asked)


_NETWORK = (
    "Check the network, the proxy (HTTPS_PROXY) and the index settings (pip.conf, PIP_INDEX_URL, "
    "UV_DEFAULT_INDEX), then retry; what has been downloaded is kept."
)

_PLACES = (
    row(
        r"must not contain the path separator|because it contains the PATH separator",
        BUILD_FAILED,
        "The module's path has a colon in it, and there no virtual environment can be made.",
        "Move or rename the folder, so that its path has no colon. (A colon separates the folders of PATH.)",
    ),
    row(
        r"no space left on device|disk quota exceeded|os error 28\b",
        ENVIRONMENT_UNWRITABLE,
        "The disk is full: the environment cannot be written.",
        "Free some space where the module, the cache folder and the temporary folder (TMPDIR) are, "
        "then retry.",
    ),
    row(
        r"read-only file system|permission denied \(os error 13\)|\[errno 13\] permission denied",
        ENVIRONMENT_UNWRITABLE,
        "The environment cannot be written.",
        "Make the module's folder and the cache folder writable for this user, then retry.",
    ),
)

_INDEXES = (
    row(
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|SSLCertVerificationError"
        r"|certificate verify failed|SSL certificate problem|server certificate verification failed",
        NETWORK_UNAVAILABLE,
        "The certificate of the package index is not trusted.",
        "Where a company's proxy signs it, name its certificates: PIP_CERT, SSL_CERT_FILE, or `cert` "
        "in pip.conf. Otherwise check the address and this machine's clock.",
    ),
    row(
        r"407 Proxy Authentication|ProxyError|Cannot connect to proxy|Tunnel connection failed"
        r"|tunnel error",
        NETWORK_UNAVAILABLE,
        "The proxy does not let us reach the package index.",
        "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY (and `proxy` in pip.conf), then retry.",
    ),
    row(
        r"401 Unauthorized|40[13] Error, Credentials not correct|401 Client Error"
        r"|lack of valid authentication|Authentication failed for|could not read Username"
        r"|Permission denied \(publickey|fatal: could not read Password",
        INVALID_CONFIG,
        "The package index asks for credentials and did not accept ours.",
        "Give user and password or a token where the index is configured (its address, ~/.netrc, a "
        "keyring), and check that they have not expired.",
    ),
    row(
        r"403 Forbidden|403 Client Error",
        INVALID_CONFIG,
        'The package index refuses to give "{package}" to us (403 Forbidden).',
        "Check the credentials and what they allow; some indexes answer so for a package they do not "
        "have: then check its spelling.",
    ),
    row(
        r"HTTP status server error \((?P<status>5\d\d)|(?P<status2>5\d\d) Server Error"
        r"|too many (?P<status3>5\d\d) error responses",
        NETWORK_UNAVAILABLE,
        "The package index has a fault of its own (status {status}).",
        "Retry later, or use another index; what has been downloaded is kept.",
    ),
    row(
        r"fatal: unable to access '(?P<url>[^']+?)/?':",
        NETWORK_UNAVAILABLE,
        'The git repository "{url}" cannot be reached.',
        "Check the network, the proxy (HTTPS_PROXY) and the address, then retry.",
    ),
    row(
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
    row(
        r"Cannot find command 'git'|Git executable not found",
        BUILD_FAILED,
        "A requirement comes from a git repository, and there is no git on this machine.",
        f"{program_advice('git')}.",
    ),
    row(
        r"does not appear to be a git repository|fatal: repository .+ not found"
        r"|couldn't find remote ref|pathspec .+ did not match|fatal: Could not read from remote",
        PACKAGE_NOT_FOUND,
        'The git repository of "{package}", or the revision asked for, does not exist.',
        "Check the address and the branch, tag or commit behind the @.",
    ),
    row(
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
    row(
        r"(?<![\w.-])(?P<package>[\w.-]+)==(?P<version>\S+) was yanked(?: \(reason: (?P<reason>[^)]*)\))?"
        r"|yanked versions: (?P<version2>[^\n]+)(?:\n.*)*?satisfies the requirement "
        r"(?P<package2>[^\n]+?) \(from versions: none\)",
        PACKAGE_NOT_FOUND,
        'Every version of "{package}" that fits was yanked: its maintainers took {version} back.',
        "Ask for another version. Only an exact pin (==) still installs a yanked one.",
    ),
    row(
        r"(?<![\w.-])(?P<package>[\w.-]+(?:==\S+)?) has no wheels? with a matching"
        r"|Building source distributions is disabled, but attempted to build `(?P<package2>[^`]+)`",
        PACKAGE_NOT_FOUND,
        '"{package}" has no wheel for Python {python} on this machine.',
        "Use another version of the package, or another Python: the lines above say what there are "
        "wheels for.",
    ),
    row(
        r"(?<![^\s/])(?P<package>[^\s/]+\.whl) is not a supported wheel on this platform"
        r"|A URL \((?:\S+/)?(?P<package2>[^\s/]+\.whl)\) dependency is incompatible with the current",
        PACKAGE_NOT_FOUND,
        'The wheel "{package}" is not for Python {python} on this machine.',
        "Name the wheel for this machine, or the package itself: the installer then chooses.",
    ),
    row(
        r"THESE PACKAGES DO NOT MATCH THE HASHES(?:.*\n)+?\s*(?P<package>\S+==\S+) from"
        r"|Hash mismatch for `(?P<package2>[^`]+)`|THESE PACKAGES DO NOT MATCH",
        REQUIREMENTS_INVALID,
        'The file of "{package}" is not the one that was locked: its hash is another.',
        "Where the file may have changed, lock it anew (`synapse env lock --upgrade-package NAME`); "
        "otherwise somebody may have tampered with it.",
    ),
    row(
        r"Hashes are required in --require-hashes mode(?:.*\n)+?\s*(?P<package>\S+==\S+) --hash"
        r"|all requirements must have a hash, but none were provided for: (?P<package2>\S+)"
        r"|all requirements must have their versions pinned",
        REQUIREMENTS_INVALID,
        'Some requirements are locked by hash, and "{package}" is not.',
        "Lock them all: `synapse env lock` writes every version with its hashes.",
    ),
    row(
        r"Wheel '(?P<package>[^']+)' located at \S+ is invalid|(?<![\w.-])(?P<package2>[\w.-]+)==\S+ has an invalid "
        r"package format|Failed to read from zip file|BadZipFile|invalid Zip archive",
        BUILD_FAILED,
        'The file of "{package}" is damaged.',
        "Empty the installer's cache (`uv cache clean`, `pip cache purge`) and retry; if it stays so, the "
        "index has a damaged file.",
    ),
    row(
        r"HTTP error 404 while getting (?P<url>\S+)"
        r"|Failed to download `(?P<package>[^`@]+?) @ (?P<url2>[^`]+)`(?:.*\n)+?.*404 Not Found",
        PACKAGE_NOT_FOUND,
        'There is nothing at "{url}".',
        "Correct the address in the requirements.",
    ),
)

# How the message begins that is true only where an index was asked.
INDEX_LACKS = "The index has no package"
_REQUIREMENTS = (
    row(
        r"File '(?P<path>[^']+)' does not exist|Distribution not found at: (?:file://)?(?P<path2>\S+)"
        r"|OSError: \[Errno 2\] No such file or directory: '(?P<path3>[^']+\.(?:whl|gz|zip))'"
        r"|FileNotFoundError: \[Errno 2\] No such file or directory: '(?P<path4>[^']+\.(?:whl|gz|zip))'",
        REQUIREMENTS_INVALID,
        'The requirements name "{path}", which does not exist.',
        "Correct the path; it is taken from the module's folder.",
    ),
    row(
        r"Could not open (?:requirements|constraint) file: .*'(?P<path>[^']+)'"
        r"|failed to read from file `(?P<path2>[^`]+)`",
        REQUIREMENTS_INVALID,
        'The requirements include "{path}", which cannot be read.',
        "Correct the -r or -c line that names it.",
    ),
    row(
        r"ResolutionImpossible: for help|conflicting dependencies|depends? on .+ we can conclude that"
        r"|Because you require \S+ and (?:you require )?\S+,? we can conclude"
        r"|Double requirement given",
        REQUIREMENTS_INVALID,
        "The requirements contradict each other.",
        "Loosen one of the versions named in the lines above.",
    ),
    row(
        r"Because (?P<package>[\w.\-\[\]]+) was not found in the (?:package registry|provided)"
        r"|Because there (?:is|are) no versions? of (?P<package2>[^\s,]+)"
        r"|No matching distribution found for (?P<package3>[^\s,]+)"
        r"|Could not find a version that satisfies the requirement (?P<package4>[^\s,]+)",
        PACKAGE_NOT_FOUND,
        f'{INDEX_LACKS} "{{package}}" for this interpreter.',
        "Check the spelling and the version in the requirements, or the index they come from; what has "
        "no file for this Python and machine counts as missing, too.",
    ),
    row(
        r"Invalid requirement|Couldn't parse requirement|Expected package name|Unsupported requirement"
        r"|no such option|requirements? file not found|invalid specifier|Unexpected '[^']+', expected '-c'"
        r"|Expected (?:one of|end of input|semicolon|`--hash`)",
        REQUIREMENTS_INVALID,
        "The requirements cannot be used as they are written.",
        "Correct the requirement named in the lines above.",
    ),
)

SYMPTOMS = (*_PLACES, *BUILD_SYMPTOMS, *_INDEXES, *_PACKAGES, *_REQUIREMENTS)
