"""SHA-256 by the C code of CPython, without OpenSSL: to load it takes 2.5 ms of the cold start of a typed module."""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        from _sha2 import sha256
    except ImportError:
        try:
            from _sha256 import sha256  # CPython before 3.12
        except ImportError:  # another Python than CPython
            from hashlib import sha256

__all__ = ["sha256"]
