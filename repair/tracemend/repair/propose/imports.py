"""Where a name can be imported from: the standard library's modules and the members people use of them.

The members are data, not a search: a name that several modules offer (`path`, `load`, `join`) would otherwise be
guessed, and importing every module to look is out of the question.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import Module
from tracemend.analysis.syntax.source import prevailing_newline
from tracemend.repair.propose.statements import is_docstring_text, owns_lines

_MEMBERS_OF = {
    "abc": "ABC ABCMeta abstractmethod",
    "bisect": "bisect bisect_left bisect_right insort",
    "collections": "ChainMap Counter OrderedDict defaultdict deque namedtuple",
    "collections.abc": "Callable Collection Hashable Iterable Iterator Mapping MutableMapping Sequence Sized",
    "contextlib": "ExitStack closing contextmanager nullcontext redirect_stdout suppress",
    "copy": "deepcopy copy",
    "csv": "DictReader DictWriter",
    "dataclasses": "asdict astuple dataclass field fields replace",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal ROUND_DOWN ROUND_HALF_EVEN ROUND_HALF_UP",
    "enum": "Enum Flag IntEnum IntFlag StrEnum auto unique",
    "fractions": "Fraction",
    "functools": "cache cached_property cmp_to_key lru_cache partial reduce singledispatch total_ordering wraps",
    "heapq": "heapify heappop heappush heappushpop heapreplace nlargest nsmallest",
    "io": "BytesIO StringIO",
    "itertools": "accumulate chain combinations combinations_with_replacement count cycle groupby islice "
    "pairwise permutations product repeat starmap takewhile dropwhile tee zip_longest",
    "math": "ceil comb cos exp factorial floor fsum gcd hypot inf isclose isnan isqrt lcm log log10 log2 pi prod "
    "sin sqrt tan trunc radians degrees atan2 nan isfinite isinf perm",
    "operator": "add attrgetter itemgetter methodcaller mul",
    "pathlib": "Path PurePath PurePosixPath",
    "random": "choice randint shuffle uniform",
    "statistics": "mean median mode stdev variance pstdev",
    "string": "ascii_letters ascii_lowercase ascii_uppercase digits hexdigits punctuation whitespace Template",
    "textwrap": "dedent indent wrap fill shorten",
    "threading": "Event Lock RLock Thread",
    "types": "MappingProxyType SimpleNamespace",
    "typing": "Any ClassVar Dict Final Generic List Literal NamedTuple Optional Protocol Set Tuple TypeVar Union",
    "urllib.parse": "parse_qs quote unquote urlencode urljoin urlparse urlsplit urlunparse urlunsplit",
    "uuid": "UUID uuid4",
}


def _modules_of() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for module, names in _MEMBERS_OF.items():
        for name in names.split():
            found[name] = (*found.get(name, ()), module)
    return found


MODULES_OF = _modules_of()


def import_statements(name: str, imported_elsewhere: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """Yield the statements that may bind `name`, with their cost: as other files do it, or from the standard library."""
    if name in imported_elsewhere:
        yield imported_elsewhere[name], 0.0
    for module in MODULES_OF.get(name, ()):
        yield f"from {module} import {name}", 0.3
    if name in sys.stdlib_module_names and not name.startswith("_"):
        yield f"import {name}", 0.2
    for alias, module in (
        ("np", "numpy"),
        ("pd", "pandas"),
        ("plt", "matplotlib.pyplot"),
        ("ET", "xml.etree.ElementTree"),
    ):
        if name == alias:
            yield f"import {module} as {alias}", 0.4


def import_edit(module: Module, statement: str) -> TextEdit | None:
    """Return the insertion of `statement` after the last import of the module's head, None where it stands already."""
    newline = prevailing_newline(module.text)
    last: ast.stmt | None = None
    for one in module.tree.body:
        if isinstance(one, ast.Import | ast.ImportFrom):
            if ast.unparse(one) == statement:
                return None
            last = one
        elif not (last is None and is_docstring_text(one)):
            break
        else:
            last = one
    if last is None:
        return TextEdit(_first_code_line(module), _first_code_line(module), statement + newline)
    if not owns_lines(module, last):
        return None
    place = module.lines.line_start((last.end_lineno or 0) + 1)
    prefix = "" if place == 0 or module.text[place - 1] in "\r\n" else newline
    return TextEdit(place, place, f"{prefix}{statement}{newline}")


def _first_code_line(module: Module) -> int:
    """Return the place behind a `#!` line and a coding line, which must stay where they are (PEP 263)."""
    line = 1
    while line <= 2 and module.lines.line_text(line).startswith("#"):
        line += 1
    return module.lines.line_start(line)
