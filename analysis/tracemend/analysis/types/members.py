"""Which members an object has, and the proof that it can have no others.

The proof is a list of reasons why it might: a base that could not be followed, a `__getattr__`, attributes set under
computed names, an unknown decorator or metaclass. Without any reason the set is closed. What is *known* to be added, in
subclasses of the workspace (an object declared as `C` may be one of them, and `self` in a mixin is), by stores from
outside, by `hasattr` tests, is put into the set instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import (
    ANY_ATTRIBUTE,
    CLASS_OF_PARAMETER,
    ClassDef,
    Definition,
    ImportDef,
    ModuleSummary,
)
from tracemend.analysis.types.annotations import CALLABLE_NAME
from tracemend.analysis.types.classes import HARMLESS_METACLASSES, enclosing_class, lineage
from tracemend.analysis.types.model import (
    Class,
    ClassObject,
    Evidence,
    FunctionType,
    Instance,
    ModuleType,
    Type,
    TypeVariable,
    Union,
    Unknown,
    closed_over_variables,
    describe,
    parts,
)
from tracemend.analysis.types.scopes import Scope
from tracemend.analysis.types.subclasses import named_and_loose_stores

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

# Objects of these are made to be given attributes, whatever their stubs say.
OPEN_CLASSES = frozenset(
    {
        "argparse.Namespace", "logging.LogRecord", "optparse.Values", "threading.local", "_thread._local",
        "types.SimpleNamespace", "typing.Any",
    }
)  # fmt: skip
# No object is of these classes themselves: what is declared as one of them is a file of the `io` module, of whatever kind.
_DECLARED_FILES = frozenset({"typing.IO", "typing.TextIO", "typing.BinaryIO"})
_FILES = (
    "BytesIO",
    "FileIO",
    "BufferedRandom",
    "BufferedReader",
    "BufferedWriter",
    "StringIO",
    "TextIOWrapper",
)
_OPEN_MODULES = frozenset({"ctypes", "_ctypes", "unittest.mock"})
OBJECT_NAMES = frozenset(dir(object)) | {
    "__dict__",
    "__module__",
    "__slots__",
    "__weakref__",
    "__annotations__",
}
_METACLASS_HOOKS = ("__new__", "__init__", "__call__", "__prepare__")


@dataclass(frozen=True)
class Members:
    """The members behind a receiver.

    If `closed`, it has no others (dunder names aside, which are always allowed). `why` is a stable slug: why the set is
    open, or where the proof comes from.
    """

    names: frozenset[str]
    closed: bool
    evidence: Evidence
    type_name: str
    why: str

    @staticmethod
    def unknown(why: str) -> Members:
        """Return that nothing is known."""
        return Members(frozenset(), False, Evidence.GUESSED, "", why)


def members_of(evaluator: Evaluator, type_: Type) -> Members:
    """Return the members of an object of that type: of a union all that any part has."""
    found = [_members(evaluator, one) for one in parts(type_)]
    if not found:
        return Members.unknown("never")
    joined = reduce(_joined, found)
    return replace(joined, type_name=describe(type_))


def _joined(left: Members, right: Members) -> Members:
    return Members(
        left.names | right.names,
        left.closed and right.closed,
        min(left.evidence, right.evidence),
        left.type_name,
        left.why if not left.closed else right.why if not right.closed else left.why,
    )


def _members(evaluator: Evaluator, type_: Type) -> Members:
    match type_:
        case Unknown(why=why):
            return Members.unknown(why)
        case ModuleType(name=name):
            return _module_members(evaluator, name)
        case ClassObject(cls=cls, exact=exact):
            return _class_members(evaluator, cls, exact=exact)
        case Instance(cls=cls, exact=exact, evidence=evidence):
            return _instance_members(evaluator, cls, evidence, exact=exact)
        case FunctionType():
            return _function_members(evaluator, type_)
        case TypeVariable() | Union():
            return members_of(evaluator, closed_over_variables(type_))


def _module_members(evaluator: Evaluator, name: str) -> Members:
    scope = evaluator.world.module(name)
    if scope is None:
        return Members.unknown("unknown-import")
    found = evaluator.world.index.module_names(scope.module)
    stored = evaluator.table.stores_on(name.rpartition(".")[2])
    names = found.names | scope.module.summary.names.keys() | stored
    why = found.why_open or ("store-any" if ANY_ATTRIBUTE in stored else "")
    return Members(frozenset(names), not why, Evidence.DECLARED, f"module {name}", why or "module")


def _function_members(evaluator: Evaluator, function: FunctionType) -> Members:
    """Functions have a dictionary: what is stored on them anywhere counts."""
    if function.name == CALLABLE_NAME:
        return Members.unknown("callable")
    kind = "FunctionType" if function.receiver is None else "MethodType"
    cls = evaluator.class_in("types", kind)
    own = _instance_members(evaluator, cls, Evidence.INFERRED, exact=True)
    stored = evaluator.table.loose_stores | evaluator.table.stores_on(function.name)
    if any(one.rpartition(".")[2].startswith("wraps") for one in function.definitions[-1].decorators):
        return Members.unknown("wrapped-function")
    open_ = ANY_ATTRIBUTE in stored
    return Members(
        own.names | stored,
        own.closed and not open_,
        Evidence.INFERRED,
        "",
        "store-any" if open_ else "function",
    )


def _instance_members(evaluator: Evaluator, cls: Class, evidence: Evidence, *, exact: bool) -> Members:
    key = ("members", cls, evidence, exact)
    return evaluator.remember_now(key, lambda: _listed_members(evaluator, cls, evidence, exact=exact))


def _listed_members(evaluator: Evaluator, cls: Class, evidence: Evidence, *, exact: bool) -> Members:
    line = lineage(evaluator, cls)
    names = set(OBJECT_NAMES)
    reasons = list(line.reasons)
    for ancestor in line.ancestors:
        names |= own_names(evaluator, ancestor.cls)
        reasons += _open_reasons(evaluator, ancestor.cls)
        for twin in _sources_of(evaluator, ancestor.cls):
            names |= _names_of_lineage(evaluator, twin, reasons)
    if line.has("builtins.type"):
        reasons.append("any-class")  # An object of a metaclass is a class, which has what its body defines.
    reasons += _metaclass_reasons(evaluator, line.metaclasses)
    if cls.full_name in _DECLARED_FILES:
        for name in _FILES:
            names |= _names_of_lineage(evaluator, evaluator.class_in("io", name), [])
    if not exact:
        names |= _names_of_descendants(evaluator, cls, reasons)
        if "mixin" in cls.name.lower() and not evaluator.descendants(cls):
            reasons.append("mixin")  # Made for classes that are not known here.
        if cls.module == "builtins" and line.has("builtins.BaseException"):
            reasons.append("builtin-exception")  # Libraries derive theirs from it, to be caught as such.
        reasons += _made_below(evaluator, [one.cls for one in line.ancestors])
    if not _is_without_dictionary(cls):
        names |= _stored_names(evaluator, [one.cls for one in line.ancestors], reasons)
        if "__class__" in _stored_on(evaluator, cls):
            reasons.append(
                "class-assignment"
            )  # What is made as one of it becomes an object of another class.
    return Members(frozenset(names), not reasons, evidence, cls.full_name, reasons[0] if reasons else "class")


def _class_members(evaluator: Evaluator, cls: Class, *, exact: bool) -> Members:
    """A class object has what its class bodies and its metaclasses define."""
    own = _instance_members(evaluator, cls, Evidence.DECLARED, exact=exact)
    names = set(own.names)
    reasons = [] if own.closed else [own.why]
    line = lineage(evaluator, cls)
    for meta in (*line.metaclasses, evaluator.builtin_class("type")):
        for ancestor in lineage(evaluator, meta).ancestors:
            names |= own_names(evaluator, ancestor.cls)
            reasons += [
                f"metaclass-{name.strip('_')}"
                for name in ("__getattr__", "__getattribute__")
                if name in ancestor.cls.definition.members and ancestor.cls.full_name not in HARMLESS_METACLASSES
                and ancestor.cls.full_name != "builtins.object"
            ]  # fmt: skip
    return Members(frozenset(names), not reasons, Evidence.DECLARED, "", reasons[0] if reasons else "class")


def own_names(evaluator: Evaluator, cls: Class) -> frozenset[str]:
    """Return the names that a class itself brings: of its body, of `self` in its methods, slots, and at run time."""
    names: set[str] = set()
    for definition in (cls.definition, *_other_views(evaluator, cls), *_saved_views(evaluator, cls)):
        names |= definition.members.keys() | definition.attributes.keys() | set(definition.slots or ())
    scope = evaluator.world.module(cls.module)
    if scope is not None:
        names |= scope.module.runtime_classes.get(cls.qualname, frozenset())
    return frozenset(names)


def views_of(evaluator: Evaluator, cls: Class) -> Iterator[ClassDef]:
    """Yield the other definitions of a class that a stub defines: in the source beside it, or where that imports it from."""
    yield from _other_views(evaluator, cls)
    yield from (one.definition for one in _sources_of(evaluator, cls))


def _other_views(evaluator: Evaluator, cls: Class) -> Iterator[ClassDef]:
    """Yield the other definitions of a class under its name: in the source beside its stub, and in other branches."""
    scope = evaluator.world.module(cls.module)
    for one in class_definitions(scope.module.summary, cls.qualname) if scope is not None else ():
        if one is not cls.definition:
            yield one


def _sources_of(evaluator: Evaluator, cls: Class) -> Iterator[Class]:
    """Yield the classes that a module imports under the name of one that its stub defines: stubs leave out what is private."""
    scope = evaluator.world.module(cls.module)
    if scope is None or scope.stub is None:
        return
    imports = tuple(
        one for one in scope.module.summary.names.get(cls.qualname, ()) if isinstance(one, ImportDef)
    )
    for found in evaluator.world.follow(imports, scope, cls.qualname):
        type_ = evaluator.symbol(found)
        if isinstance(type_, ClassObject) and type_.cls != cls:
            yield type_.cls


def _saved_views(evaluator: Evaluator, cls: Class) -> Iterator[ClassDef]:
    """Yield the class as it is saved, while the buffer has a hole behind which members may be missing."""
    for summary in evaluator.saved_summaries(cls.module):
        yield from class_definitions(summary, cls.qualname)


def class_definitions(summary: ModuleSummary, qualname: str) -> list[ClassDef]:
    """Return the classes of that qualified name in a module."""
    first, *rest = qualname.split(".")
    level: Iterable[Definition] = summary.names.get(first, ())
    for name in rest:
        level = [one for cls in level if isinstance(cls, ClassDef) for one in cls.members.get(name, ())]
    return [one for one in level if isinstance(one, ClassDef)]


def _open_reasons(evaluator: Evaluator, cls: Class) -> Iterator[str]:
    """Yield the reasons that stand in other views of a class, or are known of it."""
    if (
        cls.full_name in OPEN_CLASSES
        or cls.module.partition(".")[0] in _OPEN_MODULES
        or cls.module in _OPEN_MODULES
    ):
        yield "open-class"
    if cls.full_name == "builtins.object":
        return
    for definition in _other_views(evaluator, cls):
        if definition.dynamic:
            yield f"dynamic-class:{definition.dynamic[0]}"
        if "__getattr__" in definition.members or "__getattribute__" in definition.members:
            yield "getattr"


def _metaclass_reasons(evaluator: Evaluator, metaclasses: tuple[Class, ...]) -> Iterator[str]:
    """A metaclass of one's own that takes part in making classes may give them anything."""
    for meta in metaclasses:
        for ancestor in lineage(evaluator, meta).ancestors:
            known = (
                ancestor.cls.full_name in HARMLESS_METACLASSES or ancestor.cls.full_name == "builtins.object"
            )
            if not known and any(name in ancestor.cls.definition.members for name in _METACLASS_HOOKS):
                yield "metaclass"


def _names_of_descendants(evaluator: Evaluator, cls: Class, reasons: list[str]) -> set[str]:
    """Return what subclasses of the workspace, and the other bases of those, add."""
    names: set[str] = set()
    for descendant in evaluator.descendants(cls):
        opened: list[str] = []
        names |= _names_of_lineage(evaluator, descendant, opened)
        opened += _metaclass_reasons(evaluator, lineage(evaluator, descendant).metaclasses)
        reasons += [f"subclass-{one}" for one in opened]
    return names


def _made_below(evaluator: Evaluator, ancestors: list[Class]) -> Iterator[str]:
    """Yield the reason why objects may be of a class made by a call: one whose base is a parameter may have any descendant
    of the parameter's default as its base, and the call's namespace brings the names.
    """
    for ancestor in ancestors:
        for candidate in evaluator.table.candidates(ancestor.name):
            yield from (
                f"subclass-{one}" for one in candidate.definition.dynamic if one == CLASS_OF_PARAMETER
            )


def _names_of_lineage(evaluator: Evaluator, cls: Class, reasons: list[str]) -> set[str]:
    line = lineage(evaluator, cls)
    reasons += line.reasons
    return {name for ancestor in line.ancestors for name in own_names(evaluator, ancestor.cls)}


def _stored_names(evaluator: Evaluator, classes: list[Class], reasons: list[str]) -> set[str]:
    """Return the attributes that are stored from outside on these classes, or on objects that may be theirs."""
    names = set(evaluator.table.loose_stores)
    for cls in classes:
        stored = _stored_on(evaluator, cls)
        if ANY_ATTRIBUTE in stored:
            reasons.append("store-any")
        names |= stored
    return names


def _stored_on(evaluator: Evaluator, cls: Class) -> set[str]:
    """Return the attributes that are stored from outside on a class of that name, or on objects made by it."""
    stored = set(evaluator.table.stores_on(cls.name))
    scope = evaluator.world.module(cls.module)
    if scope is not None and not scope.module.is_workspace and scope.module.summary.stores:
        named, loose = named_and_loose_stores(scope.module.summary)
        stored |= loose | {attribute for receiver, attribute in named if receiver == cls.name}
    return stored


def _is_without_dictionary(cls: Class) -> bool:
    """Say whether objects of exactly this class cannot be given attributes."""
    return cls.module == "builtins" and not cls.name.endswith(
        ("Error", "Exception", "Warning", "Exit", "Iteration")
    )


def is_unfinished(evaluator: Evaluator, type_: Type, scope: Scope) -> bool:
    """Say whether a type is that of the class around `scope`, in which the text breaks off and of which no more is saved."""
    cls = enclosing_class(scope)
    if cls is None:
        return False
    known = cls.definition.members.keys()
    if any(one.members.keys() - known for one in _saved_views(evaluator, cls)):
        return False
    return any(
        isinstance(one, Instance | ClassObject)
        and any(ancestor.cls == cls for ancestor in lineage(evaluator, one.cls).ancestors)
        for one in parts(type_)
    )


def is_dunder(name: str) -> bool:
    """Say whether a name is one of those that Python itself may add."""
    return name.startswith("__") and name.endswith("__") and len(name) > 4
