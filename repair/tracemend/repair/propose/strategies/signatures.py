"""What the shown code can use: imports and constants of its module that it names, and signatures of what it calls.

Names are resolved through the file's own definitions and through its imports from other files of the project; what is
installed models know better than we could tell them in a few lines.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tracemend.analysis.syntax.module import FunctionNode, Module
from tracemend.repair.propose.answers.reading import Shown
from tracemend.repair.workspace import Workspace

MOST_LINES = 24
MAX_LINE = 160


def callable_signatures(workspace: Workspace, shown: Sequence[Shown]) -> list[str]:
    """Return one line for each import, constant, function and method that the shown code names, without its own."""
    lines: dict[str, None] = {}
    for one in shown:
        used = _used_names(one)
        for line in (*_module_lines(one, used), *_imported(workspace, one.module, used)):
            lines.setdefault(line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}...")
    return list(lines)[:MOST_LINES]


def _used_names(shown: Shown) -> set[str]:
    nodes = [one.node for one in shown.module.functions if one.qualname in shown.functions]
    return {
        one.id if isinstance(one, ast.Name) else one.attr
        for root in nodes
        for one in ast.walk(root)
        if isinstance(one, ast.Name | ast.Attribute)
    }


def _module_lines(shown: Shown, used: set[str]) -> Iterator[str]:
    module = shown.module
    for statement in module.tree.body:
        match statement:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                if any((one.asname or one.name.partition(".")[0]) in used for one in names):
                    yield ast.unparse(statement)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if (
                name in used
            ):
                yield ast.unparse(statement)
    for function in module.functions:
        if (
            function.node.name in used
            and function.qualname not in shown.functions
            and "<" not in function.qualname
        ):
            yield signature_line(function.node, function.qualname)


def _imported(workspace: Workspace, module: Module, used: set[str]) -> Iterator[str]:
    """Yield the signatures of functions and constructors that `module` imports from files of the project."""
    for statement in module.tree.body:
        if not isinstance(statement, ast.ImportFrom):
            continue
        other = _file_of(workspace, module, statement)
        names = {one.name for one in statement.names if (one.asname or one.name) in used}
        for function in other.functions if other is not None else ():
            if function.qualname in names or function.qualname.removesuffix(".__init__") in names:
                yield signature_line(function.node, function.qualname)


def _file_of(workspace: Workspace, module: Module, statement: ast.ImportFrom) -> Module | None:
    parts = module.path.split("/")[: -statement.level] if statement.level else []
    parts += (statement.module or "").split(".") if statement.module else []
    for path in ("/".join(parts) + ".py", "/".join([*parts, "__init__.py"])):
        if workspace.is_editable(path) and (workspace.root / path).is_file():
            return workspace.parsed(path)
    return None


def signature_line(node: FunctionNode, qualname: str) -> str:
    """Return `def name(arguments) -> result` with the first line of the docstring."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    docstring = (ast.get_docstring(node) or "").partition("\n")[0]
    told = f"  # {docstring}" if docstring else ""
    return f"def {qualname}({ast.unparse(node.args)}){returns}{told}"
