"""What we use of msgspec: from where it is public, or from its C part where a worker has imported no more of it.

That part is always one of our own choice: `synapse_worker/worker/private_codec.py`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

_HAS_CORE_ALONE = "msgspec._core" in sys.modules and "msgspec" not in sys.modules

if TYPE_CHECKING or not _HAS_CORE_ALONE:
    from msgspec import Raw, Struct, convert, defstruct
    from msgspec.json import Decoder as JsonDecoder
    from msgspec.msgpack import Decoder, Encoder, Ext
    from msgspec.structs import astuple
else:
    from msgspec._core import Ext, Raw, Struct, astuple, convert, defstruct
    from msgspec._core import JSONDecoder as JsonDecoder
    from msgspec._core import MsgpackDecoder as Decoder
    from msgspec._core import MsgpackEncoder as Encoder

__all__ = [
    "Decoder",
    "Encoder",
    "Ext",
    "JsonDecoder",
    "Raw",
    "Struct",
    "astuple",
    "convert",
    "defstruct",
]
