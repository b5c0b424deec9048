"""Parameters that pytest fills: what the fixtures of that name return.

A test names its fixtures as parameters, and pytest looks for them in the test's class and module, in the `conftest.py` of its
folder and of those above, then in plugins (pytest's documentation, "Fixture availability"). The nearest wins, and all that are
found count here; where there is none, one of pytest's own is meant. What can take a fixture's place by other ways
(`parametrize` with this name or with names that are computed, `pytest_generate_tests`, star imports, `pytest_plugins`) makes
the parameter unknown, as does a fixture of a plugin, which nobody sees in the text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import Definition, FunctionDef, ValueDef
from tracemend.analysis.symbols.spelling import string_constant
from tracemend.analysis.types.calls import function_result
from tracemend.analysis.types.model import FunctionType, Type, Unknown, closed_over_variables, union
from tracemend.analysis.types.scopes import Binding, ClassScope, FunctionScope, ModuleScope, module_scope
from tracemend.analysis.types.world import parsed_expression

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

MAX_FOLDERS = 12
# Where pytest itself defines the fixtures that no project takes the place of without saying so in its `conftest.py`.
_OF_PYTEST = {
    "monkeypatch": "_pytest.monkeypatch",
    "recwarn": "_pytest.recwarn",
    "caplog": "_pytest.logging",
    "pytestconfig": "_pytest.fixtures",
    **dict.fromkeys(("tmp_path", "tmp_path_factory"), "_pytest.tmpdir"),
    **dict.fromkeys(("capsys", "capsysbinary", "capfd", "capfdbinary"), "_pytest.capture"),
}
_FILLING = frozenset({"pytest_generate_tests", "pytest_plugins"})


def fixture_type(evaluator: Evaluator, binding: Binding, scope: FunctionScope) -> Type | None:
    """Return the type of a parameter that pytest fills from the text's own fixtures; None if it does not, or may not."""
    if not _is_filled(scope, binding.name):
        return None
    found: list[Type] = []
    for module in _visible_modules(evaluator, module_scope(scope)):
        if module is None or _may_hide(module):
            return None
        if not _FILLING.isdisjoint(module.module.summary.names):
            return None
        definitions = _fixtures(module, binding.name)
        if definitions is None:
            return None
        found += [_provided(evaluator, one, module) for one in definitions]
    return union(found) if found else _of_pytest(evaluator, binding.name)


def _of_pytest(evaluator: Evaluator, name: str) -> Type | None:
    """Return the type of a fixture that pytest itself has, as far as it is installed."""
    module = evaluator.world.module(_OF_PYTEST.get(name, ""))
    definitions = _fixtures(module, name) if module is not None else None
    return union(_provided(evaluator, one, module) for one in definitions) if module and definitions else None


def _is_filled(scope: FunctionScope, name: str) -> bool:
    """Say whether a parameter of this function is a fixture's name: of a test, or of a fixture, in a file of tests."""
    node = scope.node
    is_fixture = any(_is_fixture_maker(one) for one in node.decorator_list)
    if not (is_fixture or node.name.startswith("test")) or not isinstance(
        scope.parent, ModuleScope | ClassScope
    ):
        return False
    if isinstance(scope.parent, ClassScope) and (
        scope.parent.definition.bases or name in scope.parent.definition.members
    ):
        return False
    marks = [ast.unparse(one) for one in node.decorator_list if not _is_fixture_maker(one)]
    if isinstance(scope.parent, ClassScope):
        marks += scope.parent.definition.decorators
        marks += ["pytestmark"] if "pytestmark" in scope.parent.definition.members else []
    return not any(_may_fill(mark, name) for mark in marks) and name not in _names_with_defaults(node.args)


def _may_fill(mark: str, name: str) -> bool:
    """Say whether a decorator may give a test an argument of that name; of pytest's marks only `parametrize` does."""
    if not mark.startswith(("pytest.mark.", "mark.")):
        return True
    if "parametrize" not in mark:
        return False
    names = _parametrized_names(parsed_expression(mark))
    return names is None or name in names


def _parametrized_names(mark: ast.expr | None) -> set[str] | None:
    """Return the names that `parametrize("a, b", ...)` or `parametrize(["a", "b"], ...)` fills, None where they are computed."""
    match mark:
        case ast.Call(func=ast.Attribute(attr="parametrize"), args=[names, *_]):
            pass
        case ast.Call(
            func=ast.Attribute(attr="parametrize"), keywords=[ast.keyword(arg="argnames", value=names), *_]
        ):
            pass
        case _:
            return None
    match names:
        case ast.Constant(value=str(text)):
            return {one.strip() for one in text.split(",")}
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            texts = [string_constant(one) for one in elements]
            return None if None in texts else {one for one in texts if one is not None}
        case _:
            return None


def _names_with_defaults(arguments: ast.arguments) -> set[str]:
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    return {one.arg for one in (*with_default, *arguments.kwonlyargs)}


def _visible_modules(evaluator: Evaluator, module: ModuleScope) -> Iterator[ModuleScope | None]:
    """Yield the module itself and the `conftest` modules above it; None for one that is there and cannot be read."""
    path = module.module.path
    if path is None or not _is_of_tests(PurePath(path).name):
        yield None
        return
    yield module
    index = evaluator.world.index
    for folder in list(PurePath(path).parents)[:MAX_FOLDERS]:
        conftest = str(folder / "conftest.py")
        if conftest != path and index.text(conftest) is not None:
            found = evaluator.world.module(index.module_name(conftest) or "")
            yield found if found is not None and found.module.path == conftest else None
        if folder == PurePath(index.root):
            return


def _is_of_tests(name: str) -> bool:
    return name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py")


def _may_hide(module: ModuleScope) -> bool:
    """Say whether fixtures may come into a module without being written there, or tests be given other arguments."""
    summary = module.module.summary
    marks = summary.names.get("pytestmark", ())
    return bool(summary.star_imports or summary.dynamic) or not all(map(_only_marks, marks))


def _only_marks(definition: Definition) -> bool:
    """Say whether a module's `pytestmark` is one or several of pytest's marks, none of which gives arguments to its tests."""
    if not isinstance(definition, ValueDef) or definition.value is None or "parametrize" in definition.value:
        return False
    node = parsed_expression(definition.value)
    marks = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return all(one is not None and ast.unparse(one).startswith("pytest.mark.") for one in marks)


def _fixtures(module: ModuleScope, name: str) -> list[FunctionDef] | None:
    """Return the fixtures called `name` in a module; None if it binds that name in a way that may be one."""
    found: list[FunctionDef] = []
    for bound, definitions in module.module.summary.names.items():
        for one in definitions:
            maker = _fixture_maker(one)
            if maker is None:
                if bound == name and not isinstance(one, FunctionDef):
                    return None
            elif (_own_name(maker) or bound) == name and isinstance(one, FunctionDef):
                found.append(one)
    return found


def _fixture_maker(definition: Definition) -> ast.expr | None:
    """Return the decorator that makes a function a fixture, if one does."""
    if not isinstance(definition, FunctionDef):
        return None
    nodes = (parsed_expression(text) for text in definition.decorators if "fixture" in text)
    return next((one for one in nodes if one is not None and _is_fixture_maker(one)), None)


def _is_fixture_maker(node: ast.expr) -> bool:
    function = node.func if isinstance(node, ast.Call) else node
    return ast.unparse(function) in ("pytest.fixture", "fixture")


def _own_name(maker: ast.expr) -> str:
    """Return the name that a fixture is given apart from that of its function."""
    for keyword in maker.keywords if isinstance(maker, ast.Call) else ():
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return ""


def _provided(evaluator: Evaluator, fixture: FunctionDef, module: ModuleScope) -> Type:
    """Return what a test gets from a fixture: what it returns, or what it yields."""
    if fixture.is_async or len(fixture.decorators) > 1:
        return Unknown("fixture")
    function = FunctionType(module.name, fixture.name, (fixture,), module, fixture.line)
    result = function_result(evaluator, function, (), None)
    return closed_over_variables(evaluator.element(result) if fixture.is_generator else result)
