"""Reads one line of a requirements file: what kind it is, its name, its hashes, where it leads.

As far as a build must know it: whether a version is right is pip's and uv's business. A relative
path is relative to the folder the tools run in, which is the module's, whichever file it stands in.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, unquote

from .own_requirement import normalized_name

Kind = Literal["index", "url", "vcs", "local", "include", "option"]

_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_EDITABLE = re.compile(r"^(?:-e|--editable)(?:\s+|=|(?<=^-e)(?=\S))(?P<target>.+)$")
_INCLUDE = re.compile(
    r"^(?:-r|-c|--requirement|--constraint)(?:\s+|=|(?<=^-[rc])(?=\S))(?P<path>.+)$"
)
_HASH = re.compile(r"(?:^|\s)--hash(?:=|\s+)(\S+)")
# A requirement's own options begin at the first word with a dash (pip's rule).
_OWN_OPTIONS = re.compile(r"(?:^|\s)--?[A-Za-z].*$")
_NAMED = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\]\s*)?(?P<rest>.*)$")
_PINNED = re.compile(r"^\(?\s*(?:===\s*[^,\s]+|==\s*[^,\s*=]+)\s*\)?$")
_SPECIFIER = re.compile(r"^(?:\(|[=<>!~]=|[<>]|$)")
_VCS = re.compile(r"^(?:git|hg|svn|bzr)\+", re.IGNORECASE)
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:(?://|(?=[./]))")
_EXTRAS = re.compile(r"^(?P<path>.*?)(?P<extras>\[[^\]/\\]*\])?$", re.DOTALL)
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar")
_URL_HASH = re.compile(r"[#&](?P<hash>(?:sha256|sha384|sha512)=[0-9a-fA-F]+)")


@dataclass(frozen=True)
class RequirementLine:
    """One logical line."""

    text: str
    kind: Kind
    # Normalized name of the distribution, where the line says one.
    name: str | None = None
    is_editable: bool = False
    # Where it comes from if not by name: a URL or a path as written; of an include, the file.
    target: str | None = None
    # Of a local one: the folder or archive on this machine.
    path: Path | None = None
    hashes: tuple[str, ...] = ()
    # Exactly one version: `==1.2` or `===1.2`.
    is_pinned: bool = False

    @property
    def asks(self) -> bool:
        """Say whether it asks for something to be installed (an option does not)."""
        return self.kind != "option"

    @property
    def address(self) -> str:
        """Where it comes from if not by name, with its variables: it may hold a password then."""
        return expanded(self.target or "")

    @property
    def demands_hashes(self) -> bool:
        """Say whether it has a `--hash`, by which all lines must have one; one in an address does not."""
        return _HASH.search(self.text) is not None


def parse_requirement_line(text: str, directory: Path) -> RequirementLine:
    """Read one logical line; relative paths are relative to `directory`."""
    include = _INCLUDE.match(text)
    if include:
        return RequirementLine(text, "include", target=first_word(include.group("path"), directory))
    editable = _EDITABLE.match(text)
    if editable:
        target = first_word(editable.group("target"), directory)
        return _direct(text, target, directory, is_editable=True)
    if text.startswith("-"):
        return RequirementLine(text, "option")
    hashes = tuple(_HASH.findall(text))
    asked = _OWN_OPTIONS.sub("", text).strip()
    said = expanded(asked)
    if _VCS.match(said) or _URL.match(said):
        return _direct(text, asked, directory, hashes=hashes)
    if _is_path(asked, directory):
        return _direct(text, asked, directory, hashes=hashes)
    named = _NAMED.match(asked)
    if named is None:
        return RequirementLine(text, "index", hashes=hashes)
    name, rest = normalized_name(named.group("name")), named.group("rest")
    if rest.startswith("@"):
        return _direct(text, rest[1:].strip(), directory, name=name, hashes=hashes)
    specifier = rest.partition(";")[0].strip()
    return RequirementLine(
        text,
        "index",
        name=name if _SPECIFIER.match(specifier) else None,
        hashes=hashes,
        is_pinned=_PINNED.match(specifier) is not None,
    )


def portable(line: RequirementLine) -> RequirementLine:
    """Return an editable project's line as all tools read it: they differ about quotes and spaces."""
    if line.kind != "local" or not line.is_editable or line.path is None or line.target is None:
        return line
    plain = line.text.removeprefix("--editable").removeprefix("-e").lstrip(" =")
    if line.target.lower().startswith("file:") or not re.search(r"[\s\"'\\]", plain):
        return line
    extras = _EXTRAS.match(line.target)
    asked = extras.group("extras") or "" if extras is not None else ""
    return replace(line, text=f"-e {line.path.as_uri()}{asked}")


def for_all_tools(line: RequirementLine) -> str:
    """Return what all tools read alike: uv knows variables in addresses alone.

    Those stay, as they may be passwords: there only the tools may replace them.
    """
    return expanded(line.text) if line.kind == "index" else line.text


def expanded(text: str) -> str:
    """Return a line with `${NAME}` replaced where the variable is set, as pip and uv do it."""
    return _VARIABLE.sub(lambda match: os.environ.get(match.group(1)) or match.group(), text)


def first_word(text: str, directory: Path) -> str:
    """Return an option's value: the first word as a shell reads it, or all where that exists."""
    text = text.strip()
    if text[:1] not in {'"', "'"} and os.path.exists(directory / _without_marker(expanded(text))):
        return _without_marker(text)  # `-r my file.txt`, and `\` on Windows
    try:
        words = shlex.split(text)
    except ValueError:  # a quote without an end: the tools will say so
        return text
    return words[0] if words else ""


def _direct(
    text: str,
    target: str,
    directory: Path,
    *,
    name: str | None = None,
    is_editable: bool = False,
    hashes: tuple[str, ...] = (),
) -> RequirementLine:
    """Describe a requirement that says itself where it comes from; a variable may say so for it."""
    target = _without_marker(target)
    said = expanded(target)
    fragment = parse_qs(said.partition("#")[2])
    if name is None and "egg" in fragment:
        egg = _NAMED.match(fragment["egg"][0])
        name = normalized_name(egg.group("name")) if egg else None
    hashes += tuple(found.replace("=", ":") for found in _URL_HASH.findall(said))
    if _VCS.match(said):
        kind: Kind = "vcs"
    elif _URL.match(said) and not said.lower().startswith("file:"):
        kind = "url"
    else:
        path = local_path(said, directory)
        return RequirementLine(text, "local", name, is_editable, target, path, hashes)
    return RequirementLine(text, kind, name, is_editable, target, None, hashes)


def _without_marker(target: str) -> str:
    """Cut off the marker: behind `;` of a path, behind white space and `;` of a URL."""
    if _URL.match(target) or _VCS.match(target):
        return re.split(r"\s+;|;\s+", target, maxsplit=1)[0].strip()
    return target.partition(";")[0].strip()


def local_path(target: str, directory: Path) -> Path:
    """Return the folder or archive that a path or a `file:` URL names."""
    if not target.lower().startswith("file:"):
        match = _EXTRAS.match(target)
        assert match is not None  # it matches everything
        plain = directory / target
        path = plain if os.path.exists(plain) else directory / match.group("path")
        return Path(os.path.normpath(path))
    address, _, fragment = target.partition("#")
    # `file:///srv`, `file://localhost/srv` and `file:./lib`.
    plain_path = re.sub(r"^file:(?://[^/]*(?=/)|//)?", "", address, flags=re.IGNORECASE)
    path = directory / unquote(_EXTRAS.sub(r"\g<path>", plain_path))
    subdirectory = parse_qs(fragment).get("subdirectory", [""])[0]
    return Path(os.path.normpath(path / subdirectory))


def _is_path(asked: str, directory: Path) -> bool:
    """Say whether words without a URL are a path: it looks like one, or is an archive here."""
    plain = _without_marker(asked)
    if plain.startswith((".", "/")) or "\\" in plain:
        return True
    named = _NAMED.match(plain)
    if named is not None and named.group("rest").startswith("@"):
        return False
    if "/" in plain:
        return True
    return plain.lower().endswith(_ARCHIVES) and os.path.isfile(directory / expanded(plain))
