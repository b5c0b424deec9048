"""The grammar that goes out with the first request at a hole, where the endpoint takes one.

Behind a dot the name that comes is certain to be one of a few, and a grammar says so at once. Elsewhere a grammar can sleep
until a receiver whose members are known is written, if the server has such: llama.cpp's has lazy grammars, vLLM has
structural tags; and where the hole is behind `x = ` or `return `, a plain grammar says what an answer may open with. Each
guides one name and leaves the rest to the stream guard, which cuts and continues.
"""

from __future__ import annotations

from collections.abc import Mapping

from tracemend.analysis.decoding.adapters.grammars import name_at_hole
from tracemend.analysis.decoding.adapters.lazy_grammars import (
    Receivers,
    first_receivers,
    llama_fields,
    opening_grammar,
    vllm_fields,
)
from tracemend.analysis.monitors.tables import SymbolTable

from .capabilities import Capabilities
from .resuming import leading_name


def opening_fields(
    table: SymbolTable, found: Capabilities, *, before: str, after: str = ""
) -> Mapping[str, object] | None:
    """Return the fields by which a completion at the hole begins right, None where nothing is known or can be sent."""
    name = name_at_hole(table, before=before, after=after)
    if name is not None:
        return leading_name(name, found)
    receivers = first_receivers(table, before=before) if found.waits or found.grammar else None
    return _first_read(receivers, found) if receivers is not None else None


def _first_read(receivers: Receivers, found: Capabilities) -> Mapping[str, object] | None:
    """Return the fields that guide the first name that is read.

    vLLM's tags cannot wait for a receiver at the very beginning of the answer, which a plain grammar can begin with.
    """
    if found.lazy_grammar:
        return llama_fields(receivers)
    if found.dispatch and "" not in receivers.openings:
        return vllm_fields(receivers)
    grammar = opening_grammar(receivers)
    if grammar is None:
        return None
    return {"structured_outputs": {"grammar": grammar}} if found.dispatch else {"grammar": grammar}
