"""Guards: where a name that does not exist is expected, handled or never reached.

Each snippet reads the name `here` once or more; the test says with which slug that place is silenced, "" for not at all.
"""

from __future__ import annotations

import ast
import textwrap

import pytest

from tracemend.analysis.monitors.guards import Suppressions, probed_names
from tracemend.analysis.monitors.sites import collect_sites

CASES = {
    "plain": ("here", ""),
    "in a try for it": ("try:\n    here\nexcept NameError:\n    pass", "caught"),
    "in a try for everything": ("try:\n    here\nexcept Exception:\n    pass", "caught"),
    "bare except": ("try:\n    here\nexcept:\n    pass", "caught"),
    "one of several": ("try:\n    here\nexcept (KeyError, NameError):\n    pass", "caught"),
    "computed exceptions": ("try:\n    here\nexcept ERRORS + OTHERS:\n    pass", "caught"),
    "in a try for something else": ("try:\n    here\nexcept KeyError:\n    pass", ""),
    "raised again": ("try:\n    here\nexcept Exception:\n    log()\n    raise", ""),
    "only cleaned up after": ("try:\n    here\nfinally:\n    pass", ""),
    "a function made in a try": ("try:\n    def f():\n        here\nexcept NameError:\n    pass", ""),
    "fallback": ("try:\n    import x\nexcept ImportError:\n    here", "fallback"),
    "behind a try that worked": (
        "try:\n    import x\nexcept ImportError:\n    pass\nelse:\n    here",
        "fallback",
    ),
    "handler of a usual error": ("try:\n    f()\nexcept ValueError:\n    here", ""),
    "suppress": ("with suppress(NameError):\n    here", "caught"),
    "suppress something else": ("with contextlib.suppress(OSError):\n    here", ""),
    "a test that expects it": ("with pytest.raises(NameError):\n    here", "caught"),
    "a test that expects anything": ("with pytest.raises((KeyError, Exception)):\n    here", "caught"),
    "a test that expects another error": ("with pytest.raises(zlib.OddError, match='x'):\n    here", ""),
    "a test that expects one of others": ("with pytest.raises((KeyError, MyError)):\n    here", ""),
    "a test that expects what a variable says": ("with pytest.raises(expected):\n    here", "raises"),
    "a test that expects what its class says": ("with pytest.raises(self.Error):\n    here", "raises"),
    "a test that expects one of a variable": ("with pytest.raises((KeyError, E)):\n    here", "raises"),
    "a test that expects nothing plain": ("with pytest.raises():\n    here", "raises"),
    "a test that expects a group": ("with pytest.RaisesGroup(ValueError):\n    here", "raises"),
    "unittest": ("def t(self):\n    with self.assertRaises(NameError):\n        here", "caught"),
    "a test that expects a warning": ("with pytest.warns(UserWarning):\n    here", ""),
    "version": ("if sys.version_info >= (3, 12):\n    here", "version"),
    "other version": ("if sys.version_info >= (3, 12):\n    pass\nelse:\n    here", "version"),
    "platform": ("if os.name == 'nt':\n    here", "version"),
    "platform flag": ("if WINDOWS and x:\n    here", "version"),
    "library flag": ("if not HAS_NUMPY:\n    here", "version"),
    "usual flag": ("if is_open:\n    here", ""),
    "find_spec": ("if importlib.util.find_spec('x'):\n    here", "version"),
    "expression": ("x = here if PY3 else 1", "version"),
    "and": ("x = sys.platform == 'win32' and here", "version"),
    "choice of an alias": ("if isinstance(A.B, type):\n    X = A.B\nelse:\n    X = here", "version"),
    "left early": ("def f():\n    if sys.version_info < (3, 9):\n        return\n    here", "version"),
    "assertion": ("def f():\n    assert sys.platform == 'win32'\n    here", "version"),
    "importorskip": ("np = pytest.importorskip('numpy', reason='x')\nhere", ""),
    "importorskip of a version": ("np = pytest.importorskip('numpy', minversion='2')\nhere", "version"),
    "importorskip of a version by place": ("np = pytest.importorskip('numpy', '2')\nhere", "version"),
    "usual condition": ("if x == MAX_SIZE:\n    here", ""),
    "type checking": ("if TYPE_CHECKING:\n    here", ""),
    "never": ("if False:\n    here", "unreachable"),
    "else of never": ("if 0:\n    pass\nelse:\n    here", ""),
    "after return": ("def f():\n    return 1\n    here", "unreachable"),
    "after both branches": (
        "def f():\n    if x:\n        return 1\n    else:\n        raise E\n    here",
        "unreachable",
    ),
    "after a branch that is always taken": (
        "def f():\n    if True:\n        return 1\n    here",
        "unreachable",
    ),
    "after a branch that is never taken": ("def f():\n    if 0:\n        return 1\n    here", ""),
    "after one branch": ("def f():\n    if x:\n        return 1\n    here", ""),
    "after sys.exit": ("def f():\n    sys.exit()\n    here", "unreachable"),
    "type: ignore": ("here  # type: ignore[name-defined]", "suppressed"),
    "noqa": ("here  # noqa", "suppressed"),
    "noqa of it": ("here  # noqa: F821", "suppressed"),
    "noqa of something else": ("here  # noqa: E501", ""),
    "on the last line": ("f(\n    here,\n    1,  # type: ignore\n)", "suppressed"),
    "header only": ("if f():  # noqa\n    here", ""),
    "pragma": ("if f():  # pragma: no cover\n    here", "suppressed"),
    "pragma of a script": ("if __name__ == '__main__':  # pragma: no cover\n    here", ""),
    "whole file": ("# type: ignore\nimport x\nhere", "suppressed"),
    "skipped test": ("@pytest.mark.skipif(True)\ndef test():\n    here", "decorated"),
    "overload": ("@overload\ndef f(x: here): ...", "decorated"),
    "other decorator": ("@app.route('/')\ndef f():\n    here", ""),
    "match": ("match x:\n    case 1:\n        here", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_guard(case: str) -> None:
    text, slug = CASES[case]
    found = {
        guard.reason("NameError") or ""
        for node, guard in collect_sites(ast.parse(text), Suppressions(text))
        if isinstance(node, ast.Name) and node.id == "here"
    }
    assert found == {slug}


def test_an_import_behind_importorskip_does_not_fail() -> None:
    text = "pytest.importorskip('tomllib')\nimport tomllib\n"
    (guard,) = [
        one
        for node, one in collect_sites(ast.parse(text), Suppressions(text))
        if isinstance(node, ast.Import)
    ]
    assert guard.reason("ImportError") == "caught"
    assert guard.reason("AttributeError") is None


def test_names_that_the_file_asks_for() -> None:
    text = """
        hasattr(x, "one"); getattr(x, "two", None); setattr(self, "three", 3); getattr(x, name)
        object.__setattr__(self, "four", 4)
    """
    assert probed_names(ast.parse(textwrap.dedent(text))) == {"one", "two", "three", "four"}


def test_deep_nesting_is_read() -> None:
    text = "x = " + " + ".join(["here"] * 900)
    assert (
        sum(isinstance(node, ast.Name) for node, _ in collect_sites(ast.parse(text), Suppressions(text)))
        == 901
    )
