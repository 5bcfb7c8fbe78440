"""What we use of msgspec, all of it from its C part, which is all of it that a worker of ours may have imported.

See `synapse_worker/worker/private_codec.py`. There are types for the public places of these names only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msgspec import Raw, Struct, convert, defstruct
    from msgspec.json import Decoder as JsonDecoder
    from msgspec.msgpack import Decoder, Encoder, Ext
    from msgspec.structs import astuple
else:
    from msgspec._core import (
        Ext,
        Raw,
        Struct,
        astuple,
        convert,
        defstruct,
    )
    from msgspec._core import (
        JSONDecoder as JsonDecoder,
    )
    from msgspec._core import (
        MsgpackDecoder as Decoder,
    )
    from msgspec._core import (
        MsgpackEncoder as Encoder,
    )

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
