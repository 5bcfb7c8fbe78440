"""Does not compile."""

from synapse_worker import Module

app = Module(
