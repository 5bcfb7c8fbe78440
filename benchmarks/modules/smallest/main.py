"""The least that a client can be of: one function of numbers. Only its client is used."""

from synapse_worker import Module

app = Module()


@app.method
def add(a: int, b: int) -> int:
    return a + b
