"""A module that cannot be imported; it leaves a mark each time it is tried."""

import os

from synapse_worker import Module

app = Module()
with open(os.environ["STARTS"], "a", encoding="utf-8") as file:
    file.write("start\n")
raise RuntimeError("the model file is missing")
