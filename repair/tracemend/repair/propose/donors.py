"""Donor code: what the file and the workspace already contain, ordered by nearness to the statement under repair.

The plastic surgery hypothesis (Barr et al., FSE 2014): about half of all fixes are made of code that is already in
the same file. Nearness is: same function, same class, same module, then other modules.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable

from tracemend.analysis.syntax.module import FunctionNode, Module
from tracemend.repair.propose.site import Donors

MAX_OF_A_KIND = 200
MAX_DONOR_CHARACTERS = 120

_SIMPLE = (
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.Expr,
    ast.Return,
    ast.Raise,
    ast.Delete,
    ast.Break,
    ast.Continue,
)
_SIZED = (
    ast.Subscript,
    ast.Attribute,
    ast.BinOp,
    ast.UnaryOp,
    ast.IfExp,
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.ListComp,
)


def collect_donors(module: Module, statement: ast.stmt, others: Iterable[Module] = ()) -> Donors:
    """Gather the donors for `statement` from its own `module`, nearest first, and then from `others`."""
    gathered = _Gathered()
    inner: set[int] = {id(statement)}
    for scope in module.ancestors(statement):
        if isinstance(scope, FunctionNode | ast.ClassDef | ast.Module):
            gathered.take(module, scope, inner)
            inner.add(id(scope))
    for other in others:
        gathered.take(other, other.tree, set())
    return gathered.donors()


class _Gathered:
    def __init__(self) -> None:
        self.kinds: dict[str, dict[str, None]] = {
            kind: {} for kind in ("conditions", "calls", "expressions", "statements", "constants")
        }
        self.attributes: Counter[str] = Counter()
        self.imports: dict[str, str] = {}

    def take(self, module: Module, root: ast.AST, taken: set[int]) -> None:
        """Take what is below `root` and not below a node in `taken`."""
        stack: list[ast.AST] = [root]
        while stack:
            node = stack.pop()
            if id(node) in taken:
                continue
            self._take_node(module, node)
            stack += reversed(list(ast.iter_child_nodes(node)))

    def _take_node(self, module: Module, node: ast.AST) -> None:
        if isinstance(node, ast.expr) and not module.has_exact_position(node):
            return
        match node:
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
                self._add("conditions", module.segment(test))
            case ast.BoolOp(values=values) | ast.comprehension(ifs=values):
                for value in values:
                    self._add("conditions", module.segment(value))
            case ast.Import() | ast.ImportFrom():
                self._take_import(node)
            case _:
                pass
        if isinstance(node, ast.Call):
            self._add("calls", module.segment(node))
            if isinstance(node.func, ast.Attribute):
                self.attributes[f"{node.func.attr}()"] += 2
        elif isinstance(node, ast.Attribute):
            self.attributes[node.attr] += 1
        if isinstance(node, ast.Compare):
            self._add("conditions", module.segment(node))
        elif isinstance(node, _SIZED) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            self._add("expressions", module.segment(node))
        elif isinstance(node, ast.Constant) and node.value is not Ellipsis:
            self._add("constants", module.segment(node))
        elif isinstance(node, _SIMPLE):
            self._add("statements", module.segment(node))

    def _take_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                continue
            bound = alias.asname or alias.name.partition(".")[0]
            single = (
                ast.Import([alias])
                if isinstance(node, ast.Import)
                else ast.ImportFrom(node.module, [alias], node.level)
            )
            self.imports.setdefault(bound, ast.unparse(single))

    def _add(self, kind: str, text: str) -> None:
        known = self.kinds[kind]
        if len(known) < MAX_OF_A_KIND and len(text) <= MAX_DONOR_CHARACTERS and "\n" not in text:
            known.setdefault(text)

    def donors(self) -> Donors:
        # A called attribute is counted as "name()" for the call and as "name" for the attribute inside it.
        named = [name for name, _ in self.attributes.most_common() if f"{name}()" not in self.attributes]
        return Donors(
            **{kind: tuple(texts) for kind, texts in self.kinds.items()},
            attributes=tuple(named),
            imports=self.imports,
        )
