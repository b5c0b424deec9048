"""Signatures as functions in C tell them, in the text that `inspect` reads."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from .introspect import RuntimeNames
from .model import FunctionDef, ModuleSummary
from .summarize import summarize

_BOUND_FIRST = re.compile(r"^\(\$\w+(?:, /(?=[,)]))?(?:, )?")
_UNREPRESENTABLE = re.compile(r"<[^<>]*>")


def summary_of(runtime: RuntimeNames) -> ModuleSummary:
    """Return what is known of an extension module without a stub: the functions that tell their signatures."""
    told = {
        name: spelled_signature(text)
        for name, text in runtime.functions.items()
        if name not in runtime.classes
    }
    names = {name: (replace(one, name=name),) for name, one in told.items() if one is not None}
    return ModuleSummary(names, is_stub=True)


@lru_cache(maxsize=512)
def spelled_signature(text: str) -> FunctionDef | None:
    """Return what a `__text_signature__` says, the module in front left out; None for one that Python cannot read.

    The form is that of Argument Clinic: "($module, obj, proto=<unrepresentable>, /)" (`inspect._signature_fromstr`).
    """
    parameters = _UNREPRESENTABLE.sub("...", _BOUND_FIRST.sub("(", text))
    found = summarize(f"def f{parameters}: ...", is_stub=True).names.get("f", ())
    return found[0] if len(found) == 1 and isinstance(found[0], FunctionDef) else None
