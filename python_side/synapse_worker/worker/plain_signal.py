"""The functions and numbers of `signal`, without the enums that the module of that name makes of them.

Those take 0.4 ms of a cold start, and 4 more that of a raw script, which may not need `enum` otherwise.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    import signal
else:
    try:
        import _signal as signal
    except ImportError:  # another Python than CPython
        import signal

__all__ = ["signal"]
