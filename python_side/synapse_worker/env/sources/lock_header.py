"""The first line of a requirements.txt that `synapse env lock` wrote: what it was locked from."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADER = re.compile(
    r"# Locked by `synapse env lock` from (?P<source>.+?) \(sha256 (?P<sha256>[0-9a-f]+)\) "
    r"for Python (?P<python>\S+), (?P<platform>.+)\.\s*"
)


@dataclass(frozen=True)
class LockHeader:
    """What a lock says about itself."""

    # File name beside the lock.
    source: str
    # Of the logical lines that the source held.
    sha256: str
    python: str
    platform: str

    def render(self) -> str:
        """Return the header as it stands in the file, without an end of line."""
        return (
            f"# Locked by `synapse env lock` from {self.source} (sha256 {self.sha256}) "
            f"for Python {self.python}, {self.platform}."
        )


def read_lock_header(text: str) -> LockHeader | None:
    """Return the header of a requirements file that we wrote; None where somebody else did."""
    first = text.removeprefix("\ufeff").partition("\n")[0]
    match = _HEADER.fullmatch(first)
    return None if match is None else LockHeader(**match.groupdict())
