"""The operator families, one file each. Importing this package registers all of them."""

from __future__ import annotations

import importlib
import pkgutil

from tracemend.repair.propose.site import Operator, registered


def all_operators() -> tuple[Operator, ...]:
    """Import every family and return its operators, by name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return registered()
