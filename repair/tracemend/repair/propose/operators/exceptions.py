"""Exceptions: the wrong class, handlers that are missing, too narrow, too wide or swallow, `raise` and `return` mixed up."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.repair.propose.exception_names import (
    exceptions_of_file,
    exceptions_to_raise,
    looks_like_exception,
    raised_in_file,
    reported_exceptions,
)
from tracemend.repair.propose.ingredients import return_line, return_values
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import (
    DEFINITIONS,
    JUMPS,
    enclosing_loop,
    insert_after,
    insert_in_body,
    is_docstring_text,
    move,
    remove,
    rewrite,
    statement_operator,
    walk_scope,
    wrap,
    written,
)

FAMILY = "exception type and handling"

_RELATIVES = (
    ("KeyError", "IndexError", "LookupError"),
    ("ValueError", "TypeError"),
    ("ValueError", "UnicodeDecodeError", "UnicodeError"),
    ("AttributeError", "TypeError"),
    ("ZeroDivisionError", "ArithmeticError", "OverflowError", "ValueError"),
    ("FileNotFoundError", "OSError", "PermissionError", "IsADirectoryError", "FileExistsError"),
    ("StopIteration", "ValueError", "IndexError"),
    ("ImportError", "ModuleNotFoundError", "AttributeError"),
    ("RuntimeError", "ValueError", "TypeError"),
    ("TimeoutError", "OSError", "ConnectionError"),
    ("AssertionError", "ValueError", "TypeError"),
)

# Of a mistake in the program itself, which is mended where it is made and never by catching it.
_MISTAKES = frozenset(("NameError", "UnboundLocalError"))


@statement_operator("exception-class", FAMILY, at_most=14)
def change_the_raised_class(site: Site) -> Iterator[Proposal]:
    """Raise another class: the one the test waits for, one that the file raises, a relative."""
    if not isinstance(site.statement, ast.Raise) or site.statement.exc is None:
        return
    raised = site.statement.exc
    named = raised.func if isinstance(raised, ast.Call) else raised
    if not isinstance(named, ast.Name | ast.Attribute) or not looks_like_exception(
        site.text(named), site.module
    ):
        return
    for rank, (name, known) in enumerate(_classes_instead(site, site.text(named))):
        cost = 0.7 if known else 1.5 + 0.15 * rank
        yield replace(site, named, name, f"raises `{name}`", cost)


@statement_operator("exception-caught", FAMILY, at_most=24)
def change_what_is_caught(site: Site) -> Iterator[Proposal]:
    """Let a handler of the `try` catch another class, or one more."""
    holder = _try_of(site)
    if holder is None:
        return
    for handler in holder.handlers:
        if handler.type is None:
            continue
        old = site.text(handler.type)
        for rank, (name, known) in enumerate(_classes_instead(site, old)):
            if name in _MISTAKES:
                continue
            far = 0.0 if known else 1.0 + 0.15 * rank
            yield replace(site, handler.type, name, f"catches `{name}`", 1.2 + far)
            listed = (
                f"{old[:-1].rstrip(', ')}, {name})"
                if isinstance(handler.type, ast.Tuple)
                else f"({old}, {name})"
            )
            if isinstance(handler.type, ast.Tuple) and not old.startswith("("):
                continue
            yield replace(site, handler.type, listed, f"catches `{name}` too", 1.0 + far)


@statement_operator("exception-handle", FAMILY, at_most=30)
def handle_the_exception(site: Site) -> Iterator[Proposal]:
    """Put the statement into `try`/`except` for the specific exceptions that it may raise."""
    statement = site.statement
    if isinstance(
        statement, (*DEFINITIONS, ast.Import, ast.ImportFrom, ast.Pass, ast.Raise, ast.Break, ast.Continue)
    ):
        return
    if is_docstring_text(statement) or site.function is None:
        return
    for rank, name in enumerate(one for one in _may_raise(site)[:3] if one not in _MISTAKES):
        base = (1.6 if site.error_here and site.error.startswith(name) else 2.9) + 0.3 * rank
        for action, extra in _ways_out(site):
            note = f"handles `{name}` with `{action}`"
            footer = [f"except {name}:", f"\t{action}"]
            yield from wrap(site, [statement], ["try:"], note, base + extra, footer)


@statement_operator("exception-raise", FAMILY, at_most=8)
def exchange_raise_and_return(site: Site) -> Iterator[Proposal]:
    """Add the missing `raise` before an exception, or return where an exception was raised."""
    match site.statement:
        case ast.Expr(value=ast.Call(func=ast.Name() | ast.Attribute() as named) as call):
            if looks_like_exception(site.text(named), site.module):
                yield from rewrite(
                    site, site.statement, [f"raise {written(site, call)}"], "raises the exception", 0.4
                )
        case ast.Return(value=ast.Call(func=ast.Name() | ast.Attribute() as named) as call):
            if looks_like_exception(site.text(named), site.module):
                line = f"raise {written(site, call)}"
                yield from rewrite(
                    site, site.statement, [line], "raises the exception instead of returning it", 0.4
                )
        case ast.Raise():
            for value in return_values(site, 5):
                text = return_line(site, value)
                note = f"returns `{value.text}` instead of raising"
                yield from rewrite(site, site.statement, [text], note, 2.0 + value.cost)
        case _:
            return


@statement_operator("exception-again", FAMILY, at_most=8)
def raise_again(site: Site) -> Iterator[Proposal]:
    """Raise an exception again after handling it, keep its cause, or swallow it."""
    parent = site.module.parents[site.statement]
    if not isinstance(parent, ast.ExceptHandler):
        return
    block, index = site.module.block_of(site.statement)
    if index == len(block) - 1 and not isinstance(site.statement, JUMPS):
        yield from insert_after(site, site.statement, ["raise"], "raises the exception again", 1.6)
    match site.statement:
        case ast.Raise(exc=ast.expr() as raised, cause=None):
            if parent.name and parent.name != site.text(raised):
                line = f"raise {written(site, raised)} from {parent.name}"
                yield from rewrite(site, site.statement, [line], "keeps the cause of the exception", 2.6)
            line = f"raise {written(site, raised)} from None"
            yield from rewrite(site, site.statement, [line], "hides the cause of the exception", 3.0)
            yield from rewrite(site, site.statement, ["raise"], "raises the original exception", 2.0)
        case ast.Return() | ast.Pass() | ast.Continue():
            yield from rewrite(site, site.statement, ["raise"], "raises the exception again", 1.8)
        case ast.Raise(exc=None) if len(block) > 1:
            yield from remove(site, site.statement, "does not raise the exception again", 2.6)
        case _:
            return


@statement_operator("exception-order", FAMILY, at_most=8)
def reorder_handlers(site: Site) -> Iterator[Proposal]:
    """Put a narrower handler first, or remove a handler that swallows too much."""
    statement = site.statement if isinstance(site.statement, ast.Try) else _try_of(site)
    if statement is None or len(statement.handlers) < 2:
        return
    module = site.module
    for first, second in zip(statement.handlers, statement.handlers[1:], strict=False):
        if second.type is None:
            continue
        bounds = [module.lines.line_start(one.lineno) for one in (first, second)]
        end = module.lines.line_start((second.end_lineno or 0) + 1)
        early, late = module.text[bounds[0] : bounds[1]], module.text[bounds[1] : end]
        if late.endswith(("\n", "\r")):
            edit = TextEdit(bounds[0], end, late + early)
            yield Proposal((edit,), "tries the second handler first", 1.8)
        drop = TextEdit(bounds[0], bounds[1], "")
        yield Proposal(
            (drop,), f"does not handle `{site.text(first.type) if first.type else 'everything'}`", 3.4
        )


@statement_operator("exception-finally", FAMILY, at_most=6)
def always_clean_up(site: Site) -> Iterator[Proposal]:
    """Run a clean-up in `finally`, or only when nothing was raised (`else`)."""
    block, index = site.module.block_of(site.statement)
    before = block[index - 1] if index else None
    parent = site.module.parents[site.statement]
    if (
        isinstance(before, ast.Try)
        and not before.finalbody
        and isinstance(site.statement, ast.Expr | ast.Assign)
    ):
        yield from wrap(site, [site.statement], ["finally:"], "does this in any case", 1.8)
    if isinstance(parent, ast.Try) and block is parent.body and index == len(block) - 1 and index > 0:
        if not parent.finalbody and not parent.orelse:
            yield from move(site, site.statement, parent, "does this after the `try`", 1.8, after=True)
        if parent.finalbody:
            yield from move(
                site, site.statement, parent.finalbody[0], "does this in any case", 1.8, after=False
            )
        if parent.orelse:
            yield from move(
                site,
                site.statement,
                parent.orelse[0],
                "does this only when nothing was raised",
                2.2,
                after=False,
            )


@statement_operator("exception-resource", FAMILY, at_most=8)
def close_what_was_opened(site: Site) -> Iterator[Proposal]:
    """Open in a `with`, or close, flush or rewind what was written."""
    match site.statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if _opens(site, call):
            block, index = site.module.block_of(site.statement)
            rest = block[index + 1 :]
            if rest and "\n" not in site.text(site.statement):
                yield from _with_around(site, rest, f"with {site.text(call)} as {name}:", name)
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="write" | "writelines" | "dump"))
        ):
            for rank, method in enumerate(("flush", "close", "seek")):
                line = f"{name}.seek(0)" if method == "seek" else f"{name}.{method}()"
                yield from insert_after(site, site.statement, [line], f"calls `{line}`", 2.2 + 0.3 * rank)
        case _:
            return


@statement_operator("exception-exit", FAMILY, at_most=4)
def change_what_exit_says(site: Site) -> Iterator[Proposal]:
    """Change whether `__exit__` swallows the exception: it does when it returns something true."""
    if site.function is None or site.function.node.name not in ("__exit__", "__aexit__"):
        return
    match site.statement:
        case ast.Return(value=ast.expr() as value) if site.text(value) != "False":
            yield replace(site, value, "False", "lets exceptions out of the `with` block", 0.9)
        case ast.Return():
            yield from rewrite(
                site, site.statement, ["return True"], "swallows exceptions of the `with` block", 1.6
            )
        case _:
            if site.function.node.body[-1] is site.statement:
                note = "swallows exceptions of the `with` block"
                yield from insert_in_body(site, site.function.node, ["return True"], note, 2.0, at_end=True)
                name = (
                    site.function.node.args.args[1].arg if len(site.function.node.args.args) > 1 else "None"
                )
                line = f"return {name} is not None"
                yield from insert_in_body(site, site.function.node, [line], note, 3.0, at_end=True)


def _classes_instead(site: Site, old: str) -> Iterator[tuple[str, bool]]:
    """Yield (class, known from the failure) instead of `old`: reported, raised in the file, related, base classes."""
    offered = {old, *(one.strip(" ()") for one in old.split(","))}
    for name in reported_exceptions(site):
        if name not in offered:
            offered.add(name)
            yield name, True
    related = [name for group in _RELATIVES if offered & set(group) for name in group]
    bases = [base.__name__ for base in getattr(builtins, old, object).__mro__[1:-2]]
    known_here = dict.fromkeys([*raised_in_file(site.module), *exceptions_of_file(site.module)])
    for name in [*list(known_here)[:5], *related, *bases, "ValueError", "TypeError", "Exception"]:
        if name not in offered:
            offered.add(name)
            yield name, False


def _try_of(site: Site) -> ast.Try | None:
    """Return the `try` whose body, handlers or header the statement belongs to, within the same function."""
    if isinstance(site.statement, ast.Try):
        return site.statement
    for depth, one in enumerate(site.module.ancestors(site.statement)):
        if isinstance(one, ast.Try):
            return one
        if isinstance(one, DEFINITIONS) or depth > 4:
            return None
    return None


def _may_raise(site: Site) -> list[str]:
    """Return the exceptions that the statement's expressions may raise, the reported one first."""
    found = reported_exceptions(site) if site.error_here else []
    for node in site.expressions:
        match node:
            case ast.Call(func=ast.Name(id="int" | "float")):
                found.append("ValueError")
            case ast.Call(func=ast.Name(id="open")):
                found.append("OSError")
            case ast.Call(func=ast.Name(id="next")):
                found.append("StopIteration")
            case ast.Call(
                func=ast.Attribute(attr="index" | "remove" | "strptime" | "fromisoformat" | "loads")
            ):
                found.append("ValueError")
            case ast.Subscript(slice=ast.Constant(value=int()) | ast.Name() | ast.BinOp()):
                found += ["IndexError", "KeyError"]
            case ast.Subscript(slice=ast.Constant(value=str())):
                found.append("KeyError")
            case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod()):
                found.append("ZeroDivisionError")
            case _:
                pass
    return list(dict.fromkeys(found))


def _ways_out(site: Site) -> Iterator[tuple[str, float]]:
    if enclosing_loop(site.module, site.statement):
        yield "continue", 0.2
        yield "break", 1.0
    for value in return_values(site, 5):
        yield return_line(site, value), 0.2 + value.cost
    match site.statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            yield from (
                (f"{name} = {value}", 0.5 + 0.2 * rank)
                for rank, value in enumerate(("None", "0", '""', "[]"))
            )
        case _:
            yield "pass", 1.2
    for rank, name in enumerate(exceptions_to_raise(site)[:2]):
        text = next(
            (one for one in site.donors.statements if one.startswith(f"raise {name}(")), f"raise {name}()"
        )
        yield text, 1.0 + 0.2 * rank


def _opens(site: Site, call: ast.Call) -> bool:
    name = site.text(call.func).rpartition(".")[2]
    return name in (
        "open",
        "connect",
        "urlopen",
        "socket",
        "ZipFile",
        "TemporaryDirectory",
        "NamedTemporaryFile",
        "Lock",
    )


def _with_around(site: Site, rest: list[ast.stmt], header: str, name: str) -> Iterator[Proposal]:
    """Replace the assignment and the statements behind it by a `with` around the latter."""
    for one in wrap(site, rest, [header], f"closes `{name}` when done", 2.0):
        (edit,) = one.edits
        start = site.module.lines.line_start(site.statement.lineno)
        if all(not isinstance(node, ast.FunctionDef) for node in walk_scope(rest)):
            between = site.module.text[
                site.module.lines.line_start((site.statement.end_lineno or 0) + 1) : edit.start
            ]
            yield Proposal((TextEdit(start, edit.end, between + edit.text),), one.note, one.cost)
