"""The functions and numbers of `signal`, without the enums that the module of that name makes of them.

Those import `enum`, 4 ms of the cold start of a raw script, which may not need it.
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
