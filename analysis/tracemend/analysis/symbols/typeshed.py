"""Where the stubs of the standard library are: those that typeshed-client bundles."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec


@cache
def typeshed_directory() -> str:
    """Return the directory of typeshed's `stdlib`, found without importing the package that brings it."""
    spec = find_spec("typeshed_client")
    if spec is None or not spec.submodule_search_locations:
        return ""
    return os.path.join(next(iter(spec.submodule_search_locations)), "typeshed")
