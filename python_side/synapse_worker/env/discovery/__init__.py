"""Finds the Python that an environment is built from. Knows no modules and builds nothing."""
