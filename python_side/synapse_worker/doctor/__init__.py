"""What is wrong on this machine, or with these modules, and what to do about it.

A check is a function that yields findings. Checks know the machine and the environment floor; they
change nothing, and know nothing of each other: one that hangs or fails spoils no other. This floor
exists in the Python wing alone: the npm package passes on what only Node knows of itself.
"""

from .checks import checks_for
from .finding import Check, Finding, Outcome
from .request import DoctorRequest, NodeFacts
from .run import run_checks

__all__ = [
    "Check",
    "DoctorRequest",
    "Finding",
    "NodeFacts",
    "Outcome",
    "checks_for",
    "run_checks",
]
