"""Calling one function of the project on given arguments, bounded, and saying what it did.

`locate` finds the live function for a qualified name, below decorators. `call` runs it on deep copies, so that inputs
can be used again, and returns an `Outcome` in which also the changes that it made to its arguments count.
"""

from __future__ import annotations

import copy
import enum
import functools
import inspect
import itertools
import random
import signal
import sys
import types
from typing import Any, Callable, Iterator, NamedTuple, Sequence

from .canonical import MAX_DRAINED, TooLarge, canonical, hashed
from .layouts import class_dict, layout_of
from .values import LONG, describe_exception, instance_dict, represent, type_name

RANDOM_SEED = 20_240_229
MAX_UNWRAPPED = 20
WALL_FLOOR_S = 2.0


class CallLimit(BaseException):
    """Ends a call that has had its time; a `BaseException` so that few handlers stop it."""


class NotCallable(Exception):
    """The function cannot be called from outside; the text says why."""


class Omitted(enum.Enum):
    """Stands for an argument that is not passed, so that the parameter takes its default. (Copies as itself.)"""

    OMITTED = "omitted"


class Outcome(NamedTuple):
    """What one call did. `digest` is equal for outcomes that a caller cannot tell apart."""

    kind: str  # "value", "raise", "timeout" or "unsupported".
    digest: str = ""
    text: str = ""
    exception: str = ""
    deliberate: bool = False  # Raised by a `raise` or `assert` of the project itself.


class Signature(NamedTuple):
    """How recorded arguments are passed again, in the order of the code object's own variables."""

    name: str
    positional: tuple[str, ...]
    keyword_only: tuple[str, ...]
    star: str
    double_star: str

    @property
    def names(self) -> tuple[str, ...]:
        """All parameters, in the order in which their values are kept."""
        return (*self.positional, *self.keyword_only, *filter(None, (self.star, self.double_star)))

    def split(self, values: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return the positional and the keyword arguments for a call."""
        named = dict(zip(self.names, values))
        positional = [named[name] for name in self.positional if named[name] is not Omitted.OMITTED]
        positional += named.get(self.star, ())
        keywords = {name: named[name] for name in self.keyword_only if named[name] is not Omitted.OMITTED}
        return positional, {**keywords, **named.get(self.double_star, {})}

    def shown(self, values: Sequence[Any]) -> str:
        """Write the call as source text, as far as the values' texts are source."""
        positional, keywords = self.split(values)
        shown = [represent(one, LONG) for one in positional]
        receiver = f"{shown.pop(0)}." if self.positional[:1] == ("self",) and shown else ""
        shown += [f"{name}={represent(one, LONG)}" for name, one in keywords.items()]
        return f"{receiver}{self.name}({', '.join(shown)})"


def signature_of(code: types.CodeType) -> Signature:
    """Read the parameters of a code object."""
    plain, named = code.co_argcount, code.co_kwonlyargcount
    names = code.co_varnames
    rest = list(names[plain + named :])
    star = rest.pop(0) if code.co_flags & inspect.CO_VARARGS else ""
    double_star = rest.pop(0) if code.co_flags & inspect.CO_VARKEYWORDS else ""
    return Signature(code.co_name, names[:plain], names[plain : plain + named], star, double_star)


def locate(module: types.ModuleType, qualname: str, code: types.CodeType) -> types.FunctionType:
    """Find the function called `qualname` whose code comes from the place of `code`. Raises `NotCallable`."""
    value: object = module
    for part in qualname.split("."):
        holder = vars(value) if isinstance(value, (types.ModuleType, type)) else {}
        if part not in holder:
            raise NotCallable(f"{qualname} is not reachable from its module")
        value = holder[part]
    for function in _unwrapped(value):
        own = function.__code__
        if _place(own) == _place(code):
            return function
    raise NotCallable(f"{qualname} is hidden by a decorator")


def without_defaults(function: Callable[..., Any], signature: Signature, values: Sequence[Any]) -> list[Any]:
    """Leave out the arguments that equal their defaults, as the caller most probably did.

    The call reads better, and a patch of a default shows.
    """
    made = list(values)
    keyword_defaults = function.__kwdefaults__ or {}
    for position, name in enumerate(signature.keyword_only, len(signature.positional)):
        if name in keyword_defaults and _is_same(keyword_defaults[name], made[position]):
            made[position] = Omitted.OMITTED
    if signature.star and made[len(signature.positional) + len(signature.keyword_only)]:
        return made
    for back, default in enumerate(reversed(function.__defaults__ or ()), 1):
        position = len(signature.positional) - back
        if not _is_same(default, made[position]):
            break
        made[position] = Omitted.OMITTED
    return made


def call(
    function: Callable[..., Any],
    signature: Signature,
    values: Sequence[Any],
    cpu_s: float,
    is_deliberate: Callable[[BaseException], bool],
) -> Outcome:
    """Call `function` on copies of `values` for at most `cpu_s` of CPU time."""
    try:
        copies = copy.deepcopy(list(values))
        before = [canonical(one) for one in copies]
    except Exception as error:  # noqa: BLE001 (a user's `__deepcopy__` may raise anything)
        return Outcome("unsupported", text=f"not copied: {describe_exception(error)}")
    _settle_randomness()
    try:
        with time_limit(cpu_s):
            result = _drained(function, signature, copies)
            return _value_outcome(result, signature, before, copies)
    except CallLimit:
        return Outcome("timeout", "timeout", "does not end in time")
    except TooLarge as error:
        return Outcome("unsupported", text=str(error))
    except BaseException as error:  # noqa: BLE001 (what a call raises, SystemExit too, is its behaviour)
        return _raise_outcome(error, is_deliberate(error))


class time_limit:
    """Raise `CallLimit` in the block after `cpu_s` of CPU time, or, where it waits for something, `wall_s`.

    The signal comes again and again, because user code may swallow the first one; it is ignored once the block is
    left. Code that stays in C all the time is not reached: the caller's parent process is the back-stop.
    """

    def __init__(self, cpu_s: float) -> None:
        self._cpu_s = cpu_s
        self._wall_s = WALL_FLOOR_S + 10 * cpu_s  # Generous: the machine may be busy with other things.
        self._armed = False

    def __enter__(self) -> None:
        signal.signal(signal.SIGVTALRM, self._on_signal)
        signal.signal(signal.SIGALRM, self._on_signal)
        self._armed = True
        signal.setitimer(signal.ITIMER_VIRTUAL, self._cpu_s, self._cpu_s / 2)
        signal.setitimer(signal.ITIMER_REAL, self._wall_s, self._cpu_s)

    def __exit__(self, *_: object) -> None:
        self._armed = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _on_signal(self, number: int, frame: object) -> None:
        if self._armed:
            raise CallLimit


def forget_caches(modules: Sequence[types.ModuleType]) -> None:
    """Clear the `functools` caches of these modules: they hold results of the code before a patch."""
    for module in modules:
        for value in list(vars(module).values()):
            is_class = layout_of(type(value)).is_class
            members = list(class_dict(value).values()) if is_class else [value]
            for member in members:
                if type(member) is functools._lru_cache_wrapper:
                    member.cache_clear()


def _is_same(one: object, other: object) -> bool:
    try:
        return canonical(one) == canonical(other)
    except TooLarge:
        return False


def _place(code: types.CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_name, code.co_firstlineno


def _drained(function: Callable[..., Any], signature: Signature, copies: Sequence[Any]) -> object:
    positional, keywords = signature.split(copies)
    result = function(*positional, **keywords)
    if type(result) is types.CoroutineType:
        import asyncio  # Here, so that a process whose project does without it does not hold it, and copy it at each fork.

        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(result)
        finally:
            loop.close()
    return result


def _value_outcome(
    result: object, signature: Signature, before: Sequence[str], copies: Sequence[object]
) -> Outcome:
    if type(result) is types.GeneratorType:
        result = list(itertools.islice(result, MAX_DRAINED))
        text = f"yields {represent(result, LONG)}"
    else:
        text = f"returns {represent(result, LONG)}"
    whole = [canonical(result)]
    for name, old, value in zip(signature.names, before, copies):
        new = canonical(value)
        whole.append(new)
        if new != old:
            text += f"; {name} becomes {represent(value, LONG)}"
    return Outcome("value", hashed(whole), text)


def _raise_outcome(error: BaseException, deliberate: bool) -> Outcome:
    text = describe_exception(error)
    return Outcome("raise", hashed([text]), f"raises {text}", type_name(error), deliberate)


def _settle_randomness() -> None:
    random.seed(RANDOM_SEED)
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "random"):
        numpy.random.seed(RANDOM_SEED)


def _unwrapped(value: object) -> Iterator[types.FunctionType]:
    """Yield the functions inside `value`: below decorators, in descriptors and in the closures of wrappers."""
    waiting = [value]
    for _ in range(MAX_UNWRAPPED):
        if not waiting:
            return
        found = waiting.pop(0)
        if type(found) is types.FunctionType:
            yield found
            waiting += [cell.cell_contents for cell in found.__closure__ or () if _is_filled(cell)]
        held = instance_dict(found) or {}
        waiting += [held[name] for name in ("__wrapped__", "func", "_func") if name in held]
        for name in ("__func__", "fget", "fset", "fdel", "func"):
            member = class_dict(type(found)).get(name)
            if type(member) is types.MemberDescriptorType:
                waiting.append(member.__get__(found, type(found)))


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False  # The enclosing function has not assigned the variable.
