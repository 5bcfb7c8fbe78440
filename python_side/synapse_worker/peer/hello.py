"""The greeting: what both ends say first, and the sentences for when they do not match.

Implements "Handshake" of `docs/protocol.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final

from synapse_worker.protocol.errors import ProtocolError
from synapse_worker.protocol.limits import MAGIC, MAX_DEPTH, PROTOCOL_VERSION
from synapse_worker.protocol.segments import takes_segments
from synapse_worker.version import __version__

CAPABILITIES = ("cancel", "progress", "streams", "logs")
SEGMENTS: Final = "segments"
"""The capability of who reads frames with segments."""
SHARED: Final = "shared"
"""The capability of who has opened the shared memory of this channel, and reads segments there."""


def hello_body(max_frame_bytes: int) -> dict[str, Any]:
    """Return the part of a HELLO that both ends send."""
    segments = [SEGMENTS] if takes_segments(max_frame_bytes) else []
    return {
        "magic": MAGIC,
        "protocol": PROTOCOL_VERSION,
        "runtime": __version__,
        "language": "python",
        "language_version": ".".join(map(str, sys.version_info[:3])),
        "capabilities": [*CAPABILITIES, *segments],
        "limits": {"max_frame_bytes": max_frame_bytes, "max_depth": MAX_DEPTH},
    }


def check_hello(body: Mapping[str, Any]) -> int | None:
    """Check the other end's HELLO; return the largest frame it accepts, if it says.

    Raises:
        ProtocolError: it is no Synapse peer, or speaks another version; the message says what to do.
    """
    if body.get("magic") != MAGIC:
        raise ProtocolError(
            f"The first message is not a Synapse greeting: its magic is {body.get('magic')!r}."
        )
    theirs = body.get("protocol")
    if theirs != PROTOCOL_VERSION:
        older_is_ours = isinstance(theirs, int) and theirs > PROTOCOL_VERSION
        raise ProtocolError(
            f"This end speaks protocol {PROTOCOL_VERSION} (synapse-worker {__version__}, Python), the "
            f"other end protocol {theirs} (synapse-worker {body.get('runtime')}, {body.get('language')}). "
            f"Upgrade synapse-worker at {'this' if older_is_ours else 'the other'} end, the "
            f"{'Python' if older_is_ours else body.get('language')} one."
        )
    limits = body.get("limits")
    accepted = limits.get("max_frame_bytes") if isinstance(limits, Mapping) else None
    return accepted if isinstance(accepted, int) and accepted > 0 else None


def has_capability(body: Mapping[str, Any], capability: str) -> bool:
    """Whether the end that sent this HELLO has said so."""
    capabilities = body.get("capabilities")
    return isinstance(capabilities, list) and capability in capabilities
