"""The errors of Synapse and their form on the wire, under one roof."""

from .error_classes import (
    RETRYABLE_CODES,
    FrameError,
    ProtocolError,
    PythonError,
    SynapseError,
)
from .error_maps import error_from_wire, error_to_wire, is_machinery
from .value_errors import DecodeError, EncodeError, ResultError, ValidationError

__all__ = [
    "RETRYABLE_CODES",
    "DecodeError",
    "EncodeError",
    "FrameError",
    "ProtocolError",
    "PythonError",
    "ResultError",
    "SynapseError",
    "ValidationError",
    "error_from_wire",
    "error_to_wire",
    "is_machinery",
]
