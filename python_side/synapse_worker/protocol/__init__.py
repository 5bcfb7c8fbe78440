"""The wire protocol of Synapse: frames, messages, values and errors.

Pure code: bytes and values in, bytes and values out. `docs/protocol.md` is its text, `js/src/core/protocol`
its other wing, `tests/vectors` what both must agree on. Nothing is imported here, so that `frames`, `limits`
and `errors` stay loadable with the standard library alone; take what you need from the rooms themselves.
"""
