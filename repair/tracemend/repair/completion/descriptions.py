"""What a name is, for people: its signature and the docstring of its definition."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import FunctionDef, Parameter
from tracemend.analysis.types.document import Document
from tracemend.analysis.types.model import ClassObject, FunctionType, ModuleType, Type, Unknown, describe

if TYPE_CHECKING:
    from tracemend.analysis.symbols.index import Index
    from tracemend.analysis.types.oracle import Oracle

MAX_SIGNATURES = 4
MAX_DOCUMENTATION = 2000
MAX_SOURCE_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Description:
    """A signature, or a type, on as many lines as there are overloads; and the docstring, "" where there is none."""

    detail: str
    documentation: str


def described(oracle: Oracle, name: str, type_: Type) -> Description:
    """Return what is known of `name`, which has the type."""
    match type_:
        case FunctionType(definitions=definitions, receiver=receiver):
            shown = [_bound(one, is_bound=receiver is not None) for one in definitions[:MAX_SIGNATURES]]
            detail = "\n".join(f"def {signature_text(name, one)}" for one in shown)
            return Description(detail, _documentation(oracle.index, type_.module, type_.qualname))
        case ClassObject(cls=cls):
            return Description(
                f"class {cls.full_name}", _documentation(oracle.index, cls.module, cls.qualname)
            )
        case ModuleType(name=module):
            return Description(f"module {module}", _documentation(oracle.index, module, ""))
        case Unknown():
            return Description("", "")
        case _:
            return Description(f"{name}: {describe(type_)}", "")


def signature_text(name: str, function: FunctionDef) -> str:
    """Return a signature as it is written, without `def`."""
    shown: list[str] = []
    kinds = [one.kind for one in function.parameters]
    for at, parameter in enumerate(function.parameters):
        if parameter.kind == "keyword-only" and not {"keyword-only", "var-positional"} & set(kinds[:at]):
            shown.append("*")
        shown.append(_parameter_text(parameter))
        if parameter.kind == "positional-only" and "positional-only" not in kinds[at + 1 :]:
            shown.append("/")
    returns = f" -> {function.returns}" if function.returns else ""
    return f"{name}({', '.join(shown)}){returns}"


def _parameter_text(parameter: Parameter) -> str:
    stars = {"var-positional": "*", "var-keyword": "**"}.get(parameter.kind, "")
    annotation = f": {parameter.annotation}" if parameter.annotation else ""
    default = (" = ..." if annotation else "=...") if parameter.has_default else ""
    return f"{stars}{parameter.name}{annotation}{default}"


def _bound(function: FunctionDef, *, is_bound: bool) -> FunctionDef:
    """Return a method without the parameter that is bound already."""
    if not is_bound or not function.parameters or function.parameters[0].kind.startswith("var"):
        return function
    return FunctionDef(
        function.name, function.line, function.parameters[1:], function.returns, function.decorators
    )


def _documentation(index: Index, module: str, qualname: str) -> str:
    """Return the docstring of a definition, read from its source; stubs have none."""
    found = index.module(module)
    text = index.text(found.path) if found is not None and found.path is not None else None
    if found is None or text is None or len(text) > MAX_SOURCE_CHARACTERS:
        return ""
    chunks = Document(text, found.path).chunks  # What is being edited seldom parses as a whole.
    node: ast.AST | None = ast.Module([one for chunk in chunks for one in chunk.body], [])
    for name in qualname.split(".") if qualname else ():
        node = _definition_in(node, name) if node is not None else None
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return ""
    return inspect.cleandoc(ast.get_docstring(node, clean=False) or "")[:MAX_DOCUMENTATION]


def _definition_in(node: ast.AST, name: str) -> ast.AST | None:
    """Return the first definition of `name` directly inside `node`, branches included."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if child.name == name:
                return child
        elif isinstance(child, ast.stmt) and (found := _definition_in(child, name)) is not None:
            return found
    return None
