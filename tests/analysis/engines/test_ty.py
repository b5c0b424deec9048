"""What ty answers through the engine, and that its lists of ignorance are never taken for answers.

These also guard the pinned version: its notations are what `ty_types` reads.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tracemend.analysis.types.engines.ty import MAX_RESTARTS, TyEngine, find_ty
from tracemend.analysis.types.engines.ty_types import is_uncertain, kind_of

PATIENCE_S = 120.0
PREAMBLE = """
import os
import sys
from unknown_package import Mystery

class Known:
    def __init__(self):
        self.width = 1
    def area(self) -> int: ...

class Other:
    def area(self): ...

class Half(Mystery):
    def own(self): ...

def make() -> Known: ...
def choose() -> Known | Other: ...
"""

pytestmark = pytest.mark.skipif(find_ty() is None, reason="ty is not installed")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(scope="module")
def engine(workspace):
    running = TyEngine(workspace, Path(sys.executable))
    yield running
    running.close()


def ask(engine, workspace, snippet):
    """Return the answer at the `$0` of `snippet`, which stands where the dot goes, in a file with the preamble."""
    text = PREAMBLE + dedent(snippet)
    offset = text.index("$0")
    text = text.replace("$0", "")
    return engine.members(str(workspace / "module.py"), text, offset, deadline_s=PATIENCE_S)


KNOWN = {
    "a local": ("x = Known()\nx$0.", "Known", "instance"),
    "a constructor's call": ("print(Known()$0.", "Known", "instance"),
    "an annotated call": ("make()$0.\nfor y in x:\n    pass", "Known", "instance"),
    "a parameter in a cut header": ("def f(x: Known):\n    if x$0.\n        return 1", "Known", "instance"),
    "an item": ("[Known()][0]$0.", "Known", "instance"),
    "a loop variable behind a bracket": ("print([x$0. for x in [Known()]])", "Known", "instance"),
    "an operand of a condition": ("x = Known()\ny = x$0. if x else 3", "Known", "instance"),
    "the class": ("Known$0.", "type[Known]", "class"),
}


@pytest.mark.parametrize(("snippet", "type_name", "kind"), KNOWN.values(), ids=KNOWN)
def test_known_types(engine, workspace, snippet, type_name, kind):
    answer = ask(engine, workspace, snippet)
    assert answer is not None
    assert (answer.type_name, answer.raw_kind) == (type_name, kind)
    assert "area" in answer.names
    if "make()" not in snippet:  # There the place would be that of the function, and is left out.
        assert answer.defined_in == str(workspace / "module.py")
        assert PREAMBLE.splitlines()[answer.defined_at - 1].startswith("class Known")


@pytest.mark.parametrize(
    ("snippet", "name", "kind", "module"),
    [
        ("os$0.", "getcwd", "module", "os"),
        ("'a'$0.", "upper", "instance", "builtins"),
        ("[1]$0.", "append", "instance", "builtins"),
        ("with open('x') as f:\n    f$0.", "readline", "instance", "_io"),
    ],
)
def test_the_standard_library(engine, workspace, snippet, name, kind, module):
    answer = ask(engine, workspace, snippet)
    assert answer is not None
    assert (name in answer.names, answer.raw_kind, answer.stub_module) == (True, kind, module)


SILENT = {
    "an unannotated parameter": "def f(x): x$0.",
    "an unknown import": "Mystery$0.",
    "a class with an unknown base": "Half()$0.",
    "a union": "def f(x: Known | Other): x$0.",
    "a union that a call returns": "choose()$0.",
    "a union in brackets": "def f(a: Known, b: Other): (a or b)$0.",
    "a part that is unknown": "def f(x):\n    y = Known() if x else x\n    y$0.",
    "an optional": "def f(x: Known | None = None): x$0.",
    "what is left after all else was narrowed away": (
        "def f(x: Known | None):\n    if not isinstance(x, Known):\n        x$0."
    ),
    "unreachable code": "def f(x: Known):\n    return\n    x$0.",
}


@pytest.mark.parametrize("snippet", SILENT.values(), ids=SILENT)
def test_ignorance_is_no_answer(engine, workspace, snippet):
    assert ask(engine, workspace, snippet) is None


def test_no_platform_is_left_out(engine, workspace):
    assert ask(engine, workspace, "if sys.platform == 'win32':\n    x = Known()\n    x$0.") is not None
    assert "startfile" in ask(engine, workspace, "os$0.").names


def test_a_change_is_seen_and_documents_are_apart(engine, workspace):
    other = str(workspace / "other.py")
    asked = [("x = 'a'\nx", "upper"), ("x = [1]\nx", "append"), ("x = 'a'\nx", "upper")]
    for text, name in asked:
        answer = engine.members(other, text, len(text), deadline_s=PATIENCE_S)
        assert name in answer.names


def test_a_late_answer_is_silence_and_the_next_is_right(engine, workspace):
    assert ask(engine, workspace, "x = Known()\nx$0.") is not None
    os.kill(
        engine.process_id, signal.SIGSTOP
    )  # Or it may answer before this process is given its turn again.
    assert engine.members(str(workspace / "late.py"), "x = 1\nx", 7, deadline_s=0.05) is None
    os.kill(engine.process_id, signal.SIGCONT)
    assert ask(engine, workspace, "x = Known()\nx$0.") is not None


def test_it_starts_again_after_a_crash_but_not_for_ever(workspace):
    engine = TyEngine(workspace, Path(sys.executable))
    answers = []
    for _ in range(MAX_RESTARTS + 2):
        answers.append(ask(engine, workspace, "'a'$0."))
        if engine.process_id is not None:
            engine.kill()
    engine.close()
    assert [answer is not None for answer in answers] == [True] * (MAX_RESTARTS + 1) + [False]


@pytest.mark.parametrize("command", [("/nonexistent/ty", "server"), (sys.executable, "-c", "pass")])
def test_it_is_silent_where_ty_is_absent_or_dies(workspace, command):
    engine = TyEngine(workspace, Path(sys.executable), command=command)
    assert ask(engine, workspace, "'a'$0.") is None
    engine.close()


def test_nothing_is_answered_after_the_end(workspace):
    engine = TyEngine(workspace, Path(sys.executable))
    assert ask(engine, workspace, "'a'$0.") is not None
    engine.close()
    assert ask(engine, workspace, "'a'$0.") is None
    assert engine.process_id is None


@pytest.mark.parametrize(
    ("type_name", "uncertain"),
    [
        ("Known", False),
        ("list[Known | Unknown]", False),
        ("dict[str, Any]", False),
        ("Literal['a | b']", False),
        ("<module 'os'>", False),
        ("Known | None", True),
        ("Known & ~AlwaysFalsy", False),
        ("Known | (Unknown & ~AlwaysFalsy)", True),
        ("Known & ~Other", True),
        ("list[int] | Unknown", True),
        ("@Todo(generics)", True),
        ("Any", True),
    ],
)
def test_uncertain_types(type_name, uncertain):
    assert is_uncertain(type_name) is uncertain


@pytest.mark.parametrize(
    ("type_name", "kind"),
    [
        ("<module 'os'>", "module"),
        ("type[Known]", "class"),
        ("def f(x) -> int", "function"),
        ("bound method A.f() -> int", "function"),
        ("Known", "instance"),
        ("", ""),
    ],
)
def test_kinds(type_name, kind):
    assert kind_of(type_name) == kind
