"""Swapping code is exact or refused: after a swap every live function has the code of a fresh import of the new text."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest

from tracemend.repair.runner.payload.patching import Checkpoint, CodeKey, NotSwappable, plan_swap
from tracemend.repair.runner.payload.paths import ProjectPaths
from tracemend.repair.runner.payload.start_recorder import StartRecorder

BASE = '''\
"""A module."""
from __future__ import annotations
import contextlib
try:
    import functools
except ImportError:
    functools = None
LIMIT = 3

def add(a, b=1):
    return a - b

def traced(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

@traced
def twice(x):
    return [2 * one for one in [x]][0]

def table():
    return [1, 2, 3]

TABLE = table()

class Box:
    """A box."""
    size = 2

    def __init__(self, value):
        self.value = value

    @property
    def doubled(self):
        return self.value * self.size

    @staticmethod
    def make():
        return Box(0)

    class Inner:
        def get(self):
            return 1

class Sized(
    Box
):
	"""A box that knows its size."""

	count: int = 0

	def __len(self):
		return contextlib.nullcontext(self.count)

	def fits(self, other):
		super().__init__(0)
		return [self.__len() for one in [other]]

@contextlib.contextmanager
def opened():
    yield 1

def outer(n):
    def inner(k):
        return k + n
    return inner

KEPT = outer(1)

def last():
    functools.reduce(add, [1, 2])
    return "x"
'''

names = itertools.count()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("a - b", "a + b", id="expression"),
        pytest.param("    return a - b\n", "    c = a\n    return c - b\n", id="more lines"),
        pytest.param("    return a - b\n", "    return a - b\n    print(1)\n", id="a line at the end"),
        pytest.param("    return a - b\n", "    pass\n", id="nothing left"),
        pytest.param("function(*args)\n", "function(*args) or 0\n", id="inside a decorator that ran"),
        pytest.param("[2 * one for", "[3 * one for", id="decorated, in a comprehension"),
        pytest.param(
            "        self.value = value\n", "        self.value = self.other = value\n", id="new attribute"
        ),
        pytest.param("self.value * self.size", "self.value + self.size", id="property"),
        pytest.param("return Box(0)", "return Box(1)", id="static method"),
        pytest.param("            return 1", "            return 2", id="inner class"),
        pytest.param(
            "return [self.__len()", "return [self.__len() + __class__.size", id="mangled name, super"
        ),
        pytest.param("\t\tsuper()", "\t\tself.__len()\n\n\t\tsuper()", id="more lines in a method"),
        pytest.param("(self.count)", "(self.__count)", id="module called in a method"),
        pytest.param("    yield 1", "    yield 2", id="generator"),
        pytest.param("return k + n", "return k - n", id="closure that is alive"),
        pytest.param('return "x"\n', "return True\n", id="at the end of the file"),
        pytest.param('    return "x"\n', '    return "x"', id="no final newline"),
        pytest.param("LIMIT = 3\n", "LIMIT = 3\n\n\n# A comment.\n", id="only lines move"),
        pytest.param("\n", "\r\n", id="only line ends change"),
        pytest.param("    return a - b\n\n", "    return a - b\n    # }\n\n", id="comment"),
    ],
)
def test_swap_is_exact(tmp_path: Path, old: str, new: str) -> None:
    text = BASE.replace(old, new)
    assert text != BASE
    module, checkpoint = live_module(tmp_path, BASE)
    plan_swap(checkpoint, "code.py", text).install()
    fresh = execute(tmp_path / "fresh", text)[0]
    assert functions_of(module) == functions_of(fresh)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("LIMIT = 3", "LIMIT = 4", "more than function bodies", id="constant"),
        pytest.param(
            "LIMIT = 3", "LIMIT = 3.0", "more than function bodies", id="equal constant of another type"
        ),
        pytest.param("size = 2", "size = 3", "more than function bodies", id="class attribute"),
        pytest.param("b=1", "b=2", "more than function bodies", id="default"),
        pytest.param("[1, 2, 3]", "[1, 2]", "ran while", id="function that ran at import"),
        pytest.param(
            "    def inner(k):\n", "    n += 1\n    def inner(k):\n", "ran while", id="factory that ran"
        ),
        pytest.param("add(a, b=1)", "add(a, c=1)", "signature", id="parameter renamed"),
        pytest.param("return k + n", "return k", "ran while", id="closure of a factory that ran"),
        pytest.param("    return a - b", "    yield a - b", "signature", id="becomes a generator"),
        pytest.param("    return a - b", '    "Subtract."\n    return a - b', "docstring", id="docstring"),
        pytest.param("@traced\n", "", "more than function bodies", id="decorator"),
        pytest.param("import contextlib\n", "import contextlib\nimport os\n", "more than", id="import"),
        pytest.param("def last()", "def final()", "more than function bodies", id="renamed"),
    ],
)
def test_what_is_not_exact_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    module, checkpoint = live_module(tmp_path, BASE)
    before = functions_of(module)
    with pytest.raises(NotSwappable, match=reason):
        plan_swap(checkpoint, "code.py", BASE.replace(old, new))
    assert functions_of(module) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("a - b", "a -", id="expression"),
        pytest.param("self.value * self.size", "(self.value", id="method"),
        pytest.param(
            "return self.value * self.size\n", "return 1\npass\n", id="method that leaves its class"
        ),
    ],
)
def test_broken_text_is_refused(tmp_path: Path, old: str, new: str) -> None:
    _, checkpoint = live_module(tmp_path, BASE)
    with pytest.raises(SyntaxError):
        plan_swap(checkpoint, "code.py", BASE.replace(old, new))


def test_a_method_is_compiled_without_the_rest_of_its_class(tmp_path: Path) -> None:
    _, checkpoint = live_module(tmp_path, BASE)
    change = next(checkpoint.text("code.py").changed_statements(BASE.replace("Box(0)", "Box(1)")))
    assert change.after == "    @staticmethod\n    def make():\n        return Box(1)\n"
    assert change.head.strip() == "class Box:"


def test_code_that_is_not_what_the_file_says_is_refused(tmp_path: Path) -> None:
    module, checkpoint = live_module(tmp_path, BASE)
    module.add.__code__ = module.add.__code__.replace(co_names=("other",))
    with pytest.raises(NotSwappable, match="not what its file says"):
        plan_swap(checkpoint, "code.py", BASE.replace("a - b", "a + b"))


def test_undoing_a_swap_brings_the_old_code_back(tmp_path: Path) -> None:
    module, checkpoint = live_module(tmp_path, BASE)
    before = functions_of(module)
    swap = plan_swap(
        checkpoint, "code.py", BASE.replace("    return a - b\n", "    a += 1\n    return a + b\n")
    )
    for function, code in reversed(swap.install()):
        function.__code__ = code
    assert functions_of(module) == before


def live_module(folder: Path, text: str) -> tuple[ModuleType, Checkpoint]:
    """Import `text` as code.py of a project in `folder`; return it with the checkpoint taken after."""
    module, executed = execute(folder, text)
    checkpoint = Checkpoint(ProjectPaths(str(folder)), executed)
    checkpoint.prepare({"code.py": text})
    return module, checkpoint


def execute(folder: Path, text: str) -> tuple[ModuleType, set[CodeKey]]:
    folder.mkdir(exist_ok=True)
    path = folder / "code.py"
    path.write_text(text, encoding="utf-8", newline="")
    spec = importlib.util.spec_from_file_location(f"patched_{next(names)}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    tracer = sys.gettrace()
    recorder = StartRecorder(ProjectPaths(str(folder)))
    recorder.start()
    try:
        spec.loader.exec_module(module)
    finally:
        recorder.stop()
        sys.settrace(tracer)
    return module, recorder.executed


def functions_of(module: ModuleType) -> dict[str, object]:
    """Return the code of all functions reachable from `module`, with all line numbers."""
    return dict(_walk(module.__name__, vars(module), module.__name__))


def _walk(name: str, values: dict[str, object], home: str) -> Iterator[tuple[str, object]]:
    for key, value in list(values.items()):
        for function in _functions(value):
            yield f"{key}.{function.__qualname__}", _shape(function.__code__)
            for cell in function.__closure__ or ():
                if isinstance(cell.cell_contents, FunctionType):
                    yield f"{key}.cell", _shape(cell.cell_contents.__code__)
        if isinstance(value, type) and value.__module__ == home:
            yield from _walk(key, dict(vars(value)), home)


def _functions(value: object) -> Iterator[FunctionType]:
    for one in (value, getattr(value, "fget", None), getattr(value, "__func__", None)):
        if isinstance(one, FunctionType):
            yield one


def _shape(code: CodeType) -> object:
    nested = [_shape(one) for one in code.co_consts if isinstance(one, CodeType)]
    constants = [repr(one) for one in code.co_consts if not isinstance(one, CodeType)]
    return code.co_code, constants, code.co_names, code.co_varnames, list(code.co_lines()), nested
