"""Bundles: a module with its environment as one folder that can be carried to where it runs.

This floor exists in the Python wing alone. It makes a bundle and checks one; how one starts where it has
arrived is the business of `env/relocation`, which knows a carried environment from any other.
"""

from .assembly import Bundle, BundleRequest, make_bundle
from .manifest import Manifest, read_manifest
from .verification import Verification, verify_bundle

__all__ = [
    "Bundle",
    "BundleRequest",
    "Manifest",
    "Verification",
    "make_bundle",
    "read_manifest",
    "verify_bundle",
]
