"""Both libraries pass every test of values; the one in use is chosen by the environment alone."""

from __future__ import annotations

import pytest

from synapse_worker.protocol.codec import msgpack_binding, msgspec_binding


@pytest.fixture(params=[msgspec_binding.binding, msgpack_binding.binding], ids=lambda b: b.name)
def codec(request):
    return request.param
