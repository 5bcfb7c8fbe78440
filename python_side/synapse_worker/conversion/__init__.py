"""Wire values to what annotations ask for, and back: arguments are validated, results are made plain.

Knows the nouns of a schema, not how they were found; imports no third-party library that user code has not.
"""

from .callbacks import CallbackPlan
from .converters import Converters
from .function_plan import FunctionPlan
from .streams import StreamPlan

__all__ = ["CallbackPlan", "Converters", "FunctionPlan", "StreamPlan"]
