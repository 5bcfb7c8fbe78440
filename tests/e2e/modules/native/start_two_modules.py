"""Makes two modules; which one is meant?"""

from synapse_worker import Module

first = Module()
second = Module()
