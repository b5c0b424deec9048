"""Comparing code objects: what a change of text changes in them, positions apart."""

from __future__ import annotations

import dis
import sys
from types import CodeType
from typing import Any, Dict, Iterator, Set, Tuple

OPTIMIZED = 0x1  # CO_OPTIMIZED: the code of a function; class bodies and modules lack it.
_HAS_DOCSTRING = 0x4000000  # CO_HAS_DOCSTRING; before 3.14 the first constant is the docstring or None.
_KIND_FLAGS = 0x20 | 0x80 | 0x100 | 0x200 | 0x4 | 0x8  # Generator, coroutine, ..., *args, **kwargs.


def nested_code(code: CodeType) -> Iterator[CodeType]:
    """Yield the code objects that stand directly in `code`."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant


def all_code(code: CodeType) -> Iterator[CodeType]:
    """Yield `code` and all that stands in it, however deep."""
    yield code
    for part in nested_code(code):
        yield from all_code(part)


def same_code(old: CodeType, new: CodeType) -> bool:
    """Return whether two code objects agree in everything, line numbers included."""
    return old == new and old.co_firstlineno == new.co_firstlineno and _line_table(old) == _line_table(new)


def own_part(code: CodeType, body: bool = False) -> Tuple[Any, ...]:
    """Return what `code` itself does, the functions inside it and all line numbers left out."""
    skipped = _position_constants(code) if body and sys.version_info >= (3, 13) else ()
    constants = [
        "<%s>" % constant.co_name if isinstance(constant, CodeType) else _typed(constant)
        for index, constant in enumerate(code.co_consts)
        if index not in skipped
    ]
    return (
        code.co_code,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        code.co_flags,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        getattr(code, "co_exceptiontable", b""),
        constants,
    )


def behaves_alike(old: CodeType, new: CodeType) -> bool:
    """Return whether two functions do the same, those inside them included."""
    return own_part(old) == own_part(new) and all(
        behaves_alike(one, other) for one, other in zip(nested_code(old), nested_code(new))
    )


def interface(code: CodeType) -> Tuple[Any, ...]:
    """Return what decorators, callers and the function object itself know of `code`."""
    arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    documented = code.co_flags & _HAS_DOCSTRING if _HAS_DOCSTRING in dis.COMPILER_FLAG_NAMES else True
    first = code.co_consts[0] if code.co_consts and documented else None
    return (
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_varnames[:arguments],
        code.co_flags & _KIND_FLAGS,
        code.co_freevars,
        first if isinstance(first, str) else None,
    )


def shifted(code: CodeType, by: int) -> CodeType:
    """Return `code` moved down by `by` lines, with all that stands in it."""
    constants = tuple(shifted(one, by) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_firstlineno=code.co_firstlineno + by, co_consts=constants)


def _line_table(code: CodeType) -> Any:
    own: Any = code.co_linetable if sys.version_info >= (3, 10) else code.co_lnotab
    return own, [_line_table(part) for part in nested_code(code)]


def _position_constants(code: CodeType) -> Set[int]:
    """Return the constants that 3.13 stores as a class's `__firstlineno__` and `__static_attributes__`, and nowhere else.

    They say where a class stands and which attributes its methods assign, which no program's behaviour rests on.
    """
    loads: Dict[int, int] = {}
    found = set()
    previous = -1
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_CONST" and instruction.arg is not None:
            previous = instruction.arg
            loads[previous] = loads.get(previous, 0) + 1
        elif instruction.argval in ("__firstlineno__", "__static_attributes__"):
            found.add(previous)
    return {index for index in found if loads.get(index) == 1}


def _typed(constant: Any) -> Any:
    """Return a key that tells 1 from True and 1.0, and 0.0 from -0.0, as the compiler does."""
    if isinstance(constant, (tuple, frozenset)):
        parts = [_typed(one) for one in constant]
        return type(constant).__name__, sorted(parts, key=repr) if isinstance(constant, frozenset) else parts
    return type(constant).__name__, repr(constant)
