"""Understands the lines that pip, pip-compile and uv print while they work; nothing is counted here.

pip 26 with `--progress-bar raw` and uv 0.13 without its own display; a line that says nothing about
progress is None. The real outputs that this was written from stand beside its tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    # pip starts to look at a requirement; the one before it is finished.
    "collecting",
    # A file begins to arrive: `size` is what the tool says of it, rounded.
    "downloading",
    # pip's exact count of the file that is arriving: `size` of `of`.
    "bytes",
    "downloaded",
    # `size` packages will be built (pip); `building` and `built` name one of them.
    "builds",
    "building",
    "built",
    # `size` packages are resolved (uv).
    "resolved",
    # All files are there, and are now put in place: `size` packages, where the tool says how many.
    "installing",
    "installed",
]


@dataclass(frozen=True)
class Sign:
    """What one line says."""

    kind: Kind
    name: str = ""
    size: int = 0
    of: int = 0


_COUNTER = re.compile(r"^Progress (\d{1,15}) of (\d{1,15})$")
_UNITS = {"b": 1, "byte": 1, "k": 1000, "m": 1000**2, "g": 1000**3}
_SIZE = r"\((?P<number>\d{1,6}(?:\.\d+)?) ?(?P<unit>bytes?|[kKMG]?i?B)\)"

_SIGNS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (
        re.compile(
            r"^\s*(?:Collecting|Processing|Obtaining|Requirement already satisfied:) "
            r"(?P<name>[^\s=<>~!;,\[(]+)"
        ),
        "collecting",
    ),
    # pip: a file; its metadata alone is no package. uv: a package.
    (
        re.compile(rf"^\s*Downloading (?P<file>\S+\.(?:whl|zip|gz|bz2|xz|tgz)) {_SIZE}$"),
        "downloading",
    ),
    (re.compile(rf"^Downloading (?P<name>[\w.-]+) {_SIZE}$"), "downloading"),
    (re.compile(r"^\s+Downloaded (?P<name>\S+)$"), "downloaded"),
    (re.compile(r"^\s*Building wheels for collected packages: (?P<names>.+)$"), "builds"),
    (re.compile(r"^\s*Building (?:wheel|editable) for (?P<name>\S+) \(.+\): started$"), "building"),
    (
        re.compile(
            r"^\s*Building (?:wheel|editable) for (?P<name>\S+) \(.+\): finished with status 'done'$"
        ),
        "built",
    ),
    (re.compile(r"^   Building (?P<name>[^\s=@]+)(?:==\S+| @ .+)$"), "building"),
    (re.compile(r"^      Built (?P<name>[^\s=@]+)(?:==\S+| @ .+)$"), "built"),
    (re.compile(r"^Resolved (?P<number>\d{1,6}) packages? in "), "resolved"),
    (re.compile(r"^Prepared \d+ packages? in "), "installing"),
    (re.compile(r"^Installing collected packages: (?P<names>.+)$"), "installing"),
    (re.compile(r"^(?:Installed|Checked|Audited) (?P<number>\d{1,6}) packages? in "), "installed"),
    (re.compile(r"^Successfully installed (?P<items>.+)$"), "installed"),
)


def is_counter(line: str) -> bool:
    """Say whether a line is one of pip's many byte counts: nothing for a log or an error."""
    return line.startswith("Progress ") and _COUNTER.match(line) is not None


def read_sign(line: str) -> Sign | None:
    """Return what a line says about progress."""
    if counter := _COUNTER.match(line):
        done, total = int(counter[1]), int(counter[2])
        return Sign("bytes", size=min(done, total), of=total)
    for pattern, kind in _SIGNS:
        if found := pattern.match(line):
            groups = found.groupdict()
            return Sign(kind, name=_name(groups), size=_size(groups))
    return None


def _name(groups: dict[str, str | None]) -> str:
    if file := groups.get("file"):
        # A wheel's or sdist's name is in front of its version.
        return re.split(r"-(?=\d)", file.rpartition("/")[2], maxsplit=1)[0]
    name = groups.get("name") or ""
    if name.endswith((".whl", ".gz", ".zip")):
        return re.split(r"-(?=\d)", name.rpartition("/")[2], maxsplit=1)[0]
    return name.rstrip("/").rpartition("/")[2]


def _size(groups: dict[str, str | None]) -> int:
    if names := groups.get("names"):
        return len(names.split(","))
    if items := groups.get("items"):
        return len(items.split())
    number = groups.get("number")
    if not number:
        return 0
    unit = (groups.get("unit") or "b").lower()
    step = _UNITS.get(unit, _UNITS.get(unit[0], 1))
    if "i" in unit:
        step = 1024 ** {"k": 1, "m": 2, "g": 3}[unit[0]]
    return int(float(number) * step)
