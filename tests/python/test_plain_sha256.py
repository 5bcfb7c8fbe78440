"""SHA-256 without `hashlib`: the same digests."""

from __future__ import annotations

import hashlib

import pytest

from synapse_worker.plain_sha256 import sha256


@pytest.mark.parametrize("data", [b"", b"abc", bytes(range(256)) * 1000])
def test_it_gives_the_digest_that_hashlib_gives(data: bytes) -> None:
    assert sha256(data).hexdigest() == hashlib.sha256(data).hexdigest()
