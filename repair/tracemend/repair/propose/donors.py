"""Donor code: what the file and the workspace already contain, ordered by nearness to the statement under repair.

The plastic surgery hypothesis (Barr et al., FSE 2014): about half of all fixes are made of code that is already in
the same file. Nearness is: same function, same class, same module, then other modules. Each module is walked once;
after that a statement costs a pass over the pieces of its own function.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tracemend.analysis.syntax.module import Module, header_end_line
from tracemend.repair.propose.site import Donors

MAX_OF_A_KIND = 200
MAX_DONOR_CHARACTERS = 120

_KINDS = ("conditions", "calls", "expressions", "statements", "constants")
_SIMPLE = (
    ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Raise, ast.Delete, ast.Break, ast.Continue,
)  # fmt: skip
_SIZED = (
    ast.Subscript, ast.Attribute, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Tuple, ast.List, ast.Dict, ast.ListComp,
)  # fmt: skip


def collect_donors(module: Module, statement: ast.stmt, others: Iterable[Module] = ()) -> Donors:
    """Gather the donors for one `statement`: from its own `module`, nearest first, and then from `others`."""
    return DonorPool(others).at(module, statement)


class DonorPool:
    """The donors of some modules, for many statements. `others` are the modules that all statements may borrow from."""

    def __init__(self, others: Iterable[Module] = ()) -> None:
        self._others = tuple(others)
        self._pieces: dict[int, _Pieces] = {}
        self._around: dict[tuple[int, int], _Selection] = {}

    def at(self, module: Module, statement: ast.stmt) -> Donors:
        """Return the donors for `statement` of `module`, without the expressions that it owns itself."""
        pieces = self._pieces_of(module)
        function = module.function_of(statement)
        selection = _Selection()
        if function is not None:
            start, end = module.span(function.node)
            own = (module.span(statement)[0], module.lines.line_start(header_end_line(statement) + 1))
            selection.take(one for one in pieces.between(start, end) if not own[0] <= one.start < own[1])
        selection.extend(self._outside(module, statement))
        return selection.donors(
            pieces, [self._pieces_of(other) for other in self._others if other is not module]
        )

    def _pieces_of(self, module: Module) -> _Pieces:
        if id(module) not in self._pieces:
            self._pieces[id(module)] = _Pieces(module)
        return self._pieces[id(module)]

    def _outside(self, module: Module, statement: ast.stmt) -> _Selection:
        """Return what lies outside the function of `statement`: its class first, then its module, then the others."""
        enclosing = next((one for one in module.ancestors(statement) if isinstance(one, ast.ClassDef)), None)
        key = (id(module), id(enclosing))
        if key not in self._around:
            selection = _Selection()
            pieces = self._pieces_of(module)
            if enclosing is not None:
                selection.take(pieces.between(*module.span(enclosing)))
            selection.take(pieces.all)
            for other in self._others:
                if other is not module:
                    selection.take(self._pieces_of(other).all)
            self._around[key] = selection
        return self._around[key]


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    kind: str
    text: str


class _Pieces:
    """All donor pieces of one module, in the order of the text, with its attribute counts and imports."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.attributes: Counter[str] = Counter()
        self.imports: dict[str, str] = {}
        self.all = sorted(self._walk(), key=lambda one: one.start)

    def between(self, start: int, end: int) -> Iterator[_Piece]:
        return (one for one in self.all if start <= one.start < end)

    def _walk(self) -> Iterator[_Piece]:
        for node in ast.walk(self.module.tree):
            if isinstance(node, ast.expr) and not self.module.has_exact_position(node):
                continue
            yield from self._of_parent(node)
            yield from self._of_node(node)

    def _of_parent(self, node: ast.AST) -> Iterator[_Piece]:
        match node:
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
                yield from self._piece("conditions", test)
            case ast.BoolOp(values=values) | ast.comprehension(ifs=values):
                for value in values:
                    yield from self._piece("conditions", value)
            case ast.Import() | ast.ImportFrom():
                self._take_import(node)
            case _:
                pass

    def _of_node(self, node: ast.AST) -> Iterator[_Piece]:
        if isinstance(node, ast.Call):
            yield from self._piece("calls", node)
            if isinstance(node.func, ast.Attribute):
                self.attributes[f"{node.func.attr}()"] += 2
        elif isinstance(node, ast.Attribute):
            self.attributes[node.attr] += 1
        if isinstance(node, ast.Compare):
            yield from self._piece("conditions", node)
        elif isinstance(node, _SIZED) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            yield from self._piece("expressions", node)
        elif isinstance(node, ast.Constant) and node.value is not Ellipsis:
            yield from self._piece("constants", node)
        elif isinstance(node, _SIMPLE):
            yield from self._piece("statements", node)

    def _piece(self, kind: str, node: ast.expr | ast.stmt) -> Iterator[_Piece]:
        if isinstance(node, ast.expr) and not self.module.has_exact_position(node):
            return
        if node.lineno == node.end_lineno:
            start, end = self.module.span(node)
            if end - start <= MAX_DONOR_CHARACTERS:
                yield _Piece(start, kind, self.module.text[start:end])

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


@dataclass
class _Selection:
    """Pieces by kind, each text once, nearest first; bounded."""

    kinds: dict[str, dict[str, None]] = field(default_factory=lambda: {kind: {} for kind in _KINDS})

    def take(self, pieces: Iterable[_Piece]) -> None:
        for piece in pieces:
            self._add(piece.kind, piece.text)

    def extend(self, other: _Selection) -> None:
        for kind, texts in other.kinds.items():
            for text in texts:
                self._add(kind, text)

    def _add(self, kind: str, text: str) -> None:
        known = self.kinds[kind]
        if len(known) < MAX_OF_A_KIND:
            known.setdefault(text)

    def donors(self, own: _Pieces, others: Iterable[_Pieces]) -> Donors:
        attributes = Counter(own.attributes)
        imports = dict(own.imports)
        for pieces in others:
            attributes.update(pieces.attributes)
            imports = {**pieces.imports, **imports}
        # A called attribute is counted as "name()" for the call and as "name" for the attribute inside it.
        named = [name for name, _ in attributes.most_common() if f"{name}()" not in attributes]
        return Donors(
            **{kind: tuple(texts) for kind, texts in self.kinds.items()},
            attributes=tuple(named[:MAX_OF_A_KIND]),
            imports=imports,
        )
