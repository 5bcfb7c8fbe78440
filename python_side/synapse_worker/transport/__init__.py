"""Bytes over something: inherited descriptors, or memory. Transports know nothing of frames.

Every transport passes `tests/python/transport/test_contract.py`.
"""
