"""JSON by the C code of the standard library, without the module around it.

Importing `json` imports `re` and `enum`, 7 ms of the cold start of a raw script, which may need none of them, and
compiles patterns of its own, 1.5 ms of any other.
Where that C code is not to be had, or does not like a text, it is `json` that answers.
"""

from __future__ import annotations

__all__ = ["dumps", "loads"]

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from json import dumps, loads
else:
    try:
        from _json import encode_basestring_ascii, make_encoder, make_scanner
    except ImportError:  # another Python than CPython
        from json import dumps, loads
    else:

        class _Reading:
            """How texts are read, as the scanner asks for it."""

            strict = True
            object_hook = object_pairs_hook = None
            parse_float, parse_int, parse_constant = float, int, float

        _scan = make_scanner(_Reading)

        def loads(text):
            """Return the value that a text or its UTF-8 holds; raise `ValueError` if it is no JSON."""
            whole = text if isinstance(text, str) else text.decode()
            try:
                value, end = _scan(whole, 0)
            except (StopIteration, ValueError):
                end = -1
            if end == len(whole):
                return value
            import json

            return json.loads(text)  # there is space around it, or a mistake that it says well

        def dumps(value, *, default=None, allow_nan, sort_keys=False, separators=(", ", ": ")):
            """Return the text of a value; raise `ValueError` for what JSON cannot say."""
            item, key = separators
            encode = make_encoder(
                *({}, default or _refuse, encode_basestring_ascii),
                *(None, key, item, sort_keys, False, allow_nan),
            )
            return "".join(encode(value, 0))

        def _refuse(value):
            raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
