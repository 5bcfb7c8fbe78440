"""The smallest native module: one synchronous method that gives back what it got."""

from synapse_worker import Module

app = Module()


@app.method
def echo(value: object) -> object:
    return value
