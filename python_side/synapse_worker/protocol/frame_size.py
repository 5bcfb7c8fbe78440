"""How large a frame may be, and how it is marked that segments follow it."""

from __future__ import annotations

from .errors import FrameError

SEGMENTED = 2**31
"""Added to a frame's length: segments follow. No end that takes larger frames offers to read them."""


def check_frame_size(size: int, max_frame_bytes: int) -> None:
    """Refuse a payload of `size` bytes if it is over the limit.

    Raises:
        FrameError: `FRAME_TOO_LARGE`.
    """
    if size > max_frame_bytes:
        raise FrameError(
            f"A frame of {size:,} bytes exceeds the limit of {max_frame_bytes:,} bytes. Send the data in "
            "parts (a stream), or raise the limit at both ends (max_frame_bytes).",
            code="FRAME_TOO_LARGE",
            details={"size": size, "limit": max_frame_bytes},
        )
