"""Every bound of the protocol, by name. The same names and numbers stand in `limits.ts`.

Implements the section "Limits" of `docs/protocol.md`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from typing import Final

PROTOCOL_VERSION: Final = 1
MAGIC: Final = "synapse"

MAX_FRAME_BYTES: Final = 2**29
"""Largest payload of one frame; checked against the length prefix before anything is allocated."""

SEGMENT_BYTES_PER_FRAME_BYTE: Final = 4
"""How many times the limit of a frame its segments may hold together: 2 GiB, where a frame holds 512 MiB."""

MIN_SEGMENT_BYTES: Final = 65_536
"""Smallest buffer that we send as a segment; below it a copy costs less than what is saved."""

MAX_SEGMENTS: Final = 1024
"""Segments that one frame may have."""

MIN_SHARED_BYTES: Final = 512 * 1024
"""Smallest total of a frame's segments that we send through shared memory; there and back, a pipe is as fast below it."""

MAX_SHARED_BYTES: Final = 256 * 1024 * 1024
"""Largest total of them: as much memory stays in use beside the buffers themselves until the ends are idle."""

MIN_PIECE_BYTES: Final = 65_536
"""Least that a number tells of a segment in shared memory that is not whole by it."""

MAX_DEPTH: Final = 128
"""Containers that may stand inside one another in a value; a scalar has depth 0."""

MAX_ID: Final = 2**48 - 1
"""Ids travel in six bytes."""

MAX_BIG_INT_BYTES: Final = 65_536
"""Longest two's complement of an integer that does not fit 64 bits (ext type 1)."""

MAX_DIMENSIONS: Final = 32
"""Dimensions of an array (ext type 2); NumPy 1 has no more either."""

MAX_REMEMBERED_CANCELS: Final = 1024
"""Cancels kept for calls that have not arrived yet; the oldest is dropped."""

STREAM_WINDOW_ITEMS: Final = 256
"""Items a reader of a stream lets the other end send ahead of it."""

MAX_ITEMS_PER_MESSAGE: Final = 256
"""Items one ITEMS message carries at most when we write it."""

MAX_CONTROL_LINE_BYTES: Final = 65_536
"""Longest line of the control channel, its newline included."""

MAX_ERROR_TEXT_CHARS: Final = 65_536
"""Longest message, traceback or note of an error on the wire; longer ones lose their middle."""

MAX_ERROR_CAUSES: Final = 16
"""Causes an error carries along; what lies behind them is cut off."""

MAX_ERROR_NOTES: Final = 64
"""Notes an error carries along."""

MAX_ERROR_BASES: Final = 32
"""Names of ancestors an error carries along."""

MAX_C_RECURSION: Final = 10_000
"""Nesting that the codec's C code is let into. Its stack frames are about 400 bytes: 40,000 levels overflow an
8 MiB stack (measured with msgspec 0.22 on Python 3.11), so a higher recursion limit is lowered meanwhile."""

CODEC_RECURSION: Final = 640
"""Levels of recursion that walking a value of `MAX_DEPTH` takes, with a margin: three frames a container. A recursion
limit that leaves less is raised meanwhile."""
