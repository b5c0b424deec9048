"""Keywords and arity: what a call gives against the signatures that the callee may have."""

from __future__ import annotations

import ast
import inspect
from types import SimpleNamespace

import pytest

from tracemend.analysis.monitors.arity import Arguments, problem_of
from tracemend.analysis.monitors.keywords import accepted_keywords
from tracemend.analysis.monitors.protocol import Unknown
from tracemend.analysis.symbols.summarize import summarize
from tracemend.analysis.symbols.text_signatures import spelled_signature


def callee(*signatures: str, closed: bool = True, why: str = "") -> SimpleNamespace:
    """Return a callee with these parameter lists, each a definition of its own."""
    definitions = tuple(one for text in signatures for one in summarize(f"def f({text}): ...").names["f"])
    return SimpleNamespace(signatures=definitions, closed=closed, why=why, name="f")


CALLS = {
    "f()": [
        ("", None),
        ("a", "misses the argument `a`"),
        ("a, b", "misses the arguments `a`, `b`"),
        ("a=1", None),
    ],
    "f(1)": [
        ("", "takes no positional arguments, 1 given"),
        ("a", None),
        ("*, a=1", "takes no positional arguments"),
    ],
    "f(1, 2)": [("a", "takes at most 1 positional argument, 2 given"), ("*a", None), ("a, /, b", None)],
    "f(1, a=2)": [("a, b=1", "is given `a` twice"), ("a, /, **k", None)],
    "f(b=2)": [("a, b", "misses the argument `a`"), ("b, /", None), ("**k", None), ("a=1, *, b", None)],
    "f(*x)": [("a, b", None), ("*, b", "misses the argument `b`")],
    "f(**x)": [("a, *, b", None), ("a, /", "misses the argument `a`")],
    "f(1, 2, *x)": [("a", "takes at most 1 positional argument, 2 given"), ("a, b", None)],
    "f(1, *x, **y)": [("a, b, *, c", None)],
}


@pytest.mark.parametrize("call", CALLS)
def test_arity(call: str) -> None:
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    for parameters, expected in CALLS[call]:
        problem = problem_of(callee(parameters), Arguments.of(node))
        said = f"{call} of f({parameters}): {problem}"
        assert problem is None if expected is None else str(problem).startswith(expected), said


@pytest.mark.parametrize("call", CALLS)
def test_arity_agrees_with_python(call: str) -> None:
    """Without starred arguments `inspect.Signature.bind` is the judge; wrong keywords are not ours to tell."""
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    if any(isinstance(one, ast.Starred) for one in node.args) or any(
        one.arg is None for one in node.keywords
    ):
        return
    arguments = Arguments.of(node)
    for parameters, _ in CALLS[call]:
        signature = inspect.signature(eval(f"lambda {parameters}: None"))
        try:
            signature.bind(*[0] * arguments.positional, **dict.fromkeys(arguments.keywords, 0))
        except TypeError:
            refused = True
        else:
            refused = False
        takes_keywords = not isinstance(accepted := accepted_keywords(callee(parameters)), frozenset) or (
            arguments.keywords <= accepted
        )
        if takes_keywords:
            assert refused == isinstance(problem_of(callee(parameters), arguments), str), (
                f"{call} of f({parameters})"
            )


def test_one_signature_that_takes_the_call_is_enough() -> None:
    node = ast.parse("f(1)", mode="eval").body
    assert isinstance(node, ast.Call)
    assert problem_of(callee("a, b", "a"), Arguments.of(node)) is None
    assert problem_of(callee("a, b", ""), Arguments.of(node)) == "misses the argument `b`"


@pytest.mark.parametrize(
    ("found", "slug"),
    [
        (None, "no-signature"),
        (callee(closed=False, why="decorated"), "decorated"),
        (callee("a", closed=False, why="any"), "any"),
    ],
)
def test_silence_of_the_oracle_is_silence_here(found: SimpleNamespace | None, slug: str) -> None:
    node = ast.parse("f(1, 2, 3, x=4)", mode="eval").body
    assert isinstance(node, ast.Call)
    assert problem_of(found, Arguments.of(node)) == Unknown(slug)
    assert accepted_keywords(found) == slug


def test_accepted_keywords() -> None:
    assert accepted_keywords(callee("a, /, b, *args, c=1")) == {"b", "c"}
    assert accepted_keywords(callee("a", "b")) == {"a", "b"}
    assert accepted_keywords(callee("a", "**options")) == "var-keyword"


def test_signatures_that_refuse_the_other_arguments_have_no_say_in_keywords() -> None:
    node = ast.parse("f(1, b=2)", mode="eval").body
    assert isinstance(node, ast.Call)
    arguments = Arguments.of(node)
    assert accepted_keywords(callee("a, *, c=1", "a, d, **options"), arguments) == {"a", "c"}
    assert accepted_keywords(callee("a, *, c=1", "a, **options"), arguments) == "var-keyword"
    assert accepted_keywords(callee("a, *, c", "a, d, e"), arguments) == {"a", "c", "d", "e"}


TEXT_SIGNATURES = {
    "($module, obj, proto=None, alt=<unrepresentable>, /)": [
        ("obj", "positional-only", False),
        ("proto", "positional-only", True),
        ("alt", "positional-only", True),
    ],
    "($module, /, path, *, dir_fd=None)": [("path", "positional", False), ("dir_fd", "keyword-only", True)],
    "($module, /)": [],
    "(a, b=<no value>)": [("a", "positional", False), ("b", "positional", True)],
    "(what, is, this": None,
}


@pytest.mark.parametrize("text", TEXT_SIGNATURES)
def test_signatures_that_functions_in_c_tell(text: str) -> None:
    found = spelled_signature(text)
    told = None if found is None else [(one.name, one.kind, one.has_default) for one in found.parameters]
    assert told == TEXT_SIGNATURES[text]
