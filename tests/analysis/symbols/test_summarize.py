"""What a summary holds of one file: every name on every branch, and a slug for what it cannot list."""

import textwrap

import pytest
from symbol_check import class_of, summary_of

from tracemend.analysis.symbols.model import FunctionDef, ImportDef, ValueDef

BINDING_FORMS = {
    "a = b = 1": "a b",
    "a, (b, *c) = x": "a b c",
    "a: int": "a",
    "a += 1": "a",
    "for a, b in x: pass": "a b",
    "with x as (a, b): pass": "a b",
    "try: pass\nexcept E as a: b = 1\nelse: c = 1\nfinally: d = 1": "a b c d",
    "try: pass\nexcept* E as a: pass": "a",
    "match x:\n case [a, *b]: pass\n case {'k': c, **d}: pass\n case P(e) as f: g = 1": "a b c d e f g",
    "print(a := 1)": "a",
    "[b for x in y if (a := x)]": "a",
    "import a": "a",
    "import a.b.c": "a",
    "import x.y as a": "a",
    "from x import y as a, b": "a b",
    "if T:\n a = 1\nelif U:\n b = 1\nelse:\n c = 1": "a b c",
    "while T:\n a = 1\nelse:\n b = 1": "a b",
    "def f():\n global a, b\n a = 1\n import b": "a b f",
    "async def a(): pass\nclass b: pass": "a b",
    "globals()['a'] = 1": "a",
    "import sys\nsetattr(sys.modules[__name__], 'a', 1)": "a sys",
    "import sys\nsys.modules[__name__].a = 1": "a sys",
    "def f():\n a = 1": "f",
    "a.b = 1": "",
    "del a": "",
}


@pytest.mark.parametrize("code", BINDING_FORMS)
def test_every_binding_form_defines_its_names(code):
    assert sorted(summary_of(code).names) == BINDING_FORMS[code].split()


def test_all_definitions_of_a_name_are_kept_whatever_their_branch():
    summary = summary_of("""
        try:
            from fast import run
        except ImportError:
            def run(x): return x
        if sys.version_info < (3, 9):
            run = None
    """)
    assert [type(one) for one in summary.names["run"]] == [ImportDef, FunctionDef, ValueDef]
    assert summary.names["run"][0].guarded


EXPORTS = {
    "__all__ = ['a', 'b']": ("a", "b"),
    "__all__ = ('a',) + ('b',)": ("a", "b"),
    "__all__: list[str] = ['a']": ("a",),
    "__all__ = ['a']\n__all__ += ['b']\n__all__.extend(('c',))\n__all__.append('d')": ("a", "b", "c", "d"),
    "__all__ = ['a', 'b']\n__all__.remove('b')": ("a", "b"),
    "if x:\n __all__ = ['a']\nelse:\n __all__ = ['b']": ("a", "b"),
    "__all__ = sub.__all__ + ['a']": None,
    "__all__ = ['a']\n__all__ += sub.__all__": None,
    "__all__ = [x for x in dir()]": None,
    "a = 1": None,
}


@pytest.mark.parametrize("code", EXPORTS)
def test_exports_are_read_where_they_are_literal(code):
    assert summary_of(code).exported == EXPORTS[code]


OPEN_MODULES = {
    "def __getattr__(name): ...": "getattr",
    "__getattr__, __dir__, __all__ = attach(__name__)": "getattr",
    "globals()[name] = 1": "globals",
    "def f():\n globals().update(x)": "globals",
    "g = globals()": "globals",
    "_g = globals()\n_g.update(x)": "globals",
    "install(globals())": "globals",
    "vars()[name] = 1": "locals",
    "locals().update(x)": "locals",
    "exec(code)": "exec",
    "exec(code, globals())": "globals",
    "sys.modules[__name__] = Lazy()": "replaced",
    "sys.modules[__name__].__class__ = Lazy": "replaced",
    "this = sys.modules[__name__]": "self-module",
    "setattr(sys.modules[__name__], name, 1)": "setattr",
    "vars(sys.modules[__name__]).update(x)": "setattr",
    "IntEnum._convert_('E', __name__, f)": "enum-convert",
    "@enum.global_enum\nclass E(Enum): pass": "enum-convert",
}
CLOSED_MODULES = (
    "x = globals()['a']",
    "x = globals().get('a')",
    "_mine = locals()\nfor x in __all__:\n    setattr(_mine[x], '__module__', 'm')",
    "for k, v in globals().items(): pass",
    "x = {**globals()}",
    "x = 'a' in globals()",
    "x = dict(vars(other))",
    "def f():\n x = locals()\n y.update(locals())",
    "def f():\n exec(code)",
    "self._convert(x)",
    "cursor.exec(query)",
    "x = sys.modules[__name__].a",
    "f = getattr(sys.modules[__name__], name)",
)


@pytest.mark.parametrize("code", OPEN_MODULES)
def test_a_module_whose_names_are_made_by_code_says_so(code):
    assert OPEN_MODULES[code] in summary_of(code).dynamic


@pytest.mark.parametrize("code", CLOSED_MODULES)
def test_reading_a_namespace_opens_nothing(code):
    assert summary_of(code).dynamic == ()


SELF_ATTRIBUTES = {
    "self.a = self.b = 1": "a b",
    "self.a, (self.b, *self.c) = x": "a b c",
    "self.a: int = 1": "a",
    "self.a += 1": "a",
    "for self.a in x: pass": "a",
    "with x as self.a: pass": "a",
    "if x: self.a = 1": "a",
    "def inner(): self.a = 1": "a",
    "def inner(self): self.a = 1": "",
    "type(self).a = 1": "a",
    "self.__class__.a = 1": "a",
    "setattr(self, 'a', 1)": "a",
    "object.__setattr__(self, 'a', 1)": "a",
    "super().__setattr__('a', 1)": "a",
    "self.__setattr__('a', 1)": "a",
    "self.__dict__['a'] = 1": "a",
    "d = self.__dict__\n  d['a'], d['b'] = x\n  print(d['c'])": "a b",
    "new = type(self)()\n  new.a = 1": "a",
    "new = copy.copy(self)\n  new.a = 1": "a",
    "new = object.__new__(self.__class__)\n  new.a = 1": "a",
    "other.a = 1": "",
    "self.a.b = 1": "",
}


@pytest.mark.parametrize("statement", SELF_ATTRIBUTES)
def test_attributes_of_self_are_found_in_any_method(statement):
    found = class_of(f"class C:\n def method(self, other):\n  {statement}\n")
    assert sorted(found.attributes) == SELF_ATTRIBUTES[statement].split()
    assert found.dynamic == ()


def test_the_first_parameter_is_the_instance_whatever_its_name():
    found = class_of("""
        class C:
            def __new__(cls): cls.a = 1
            def method(this): this.b = 1
            @staticmethod
            def static(self): self.no = 1
    """)
    assert sorted(found.attributes) == ["a", "b"]


SERVED = {
    "if n == 'a': return 1\nraise AttributeError(n)": {"a"},
    "if n in ('a', 'b'):\n    import x\n    return x\nraise AttributeError": {"a", "b"},
    "if n in {'a': 1}: return 1\nelif n == 'b': return 2\nelse: raise AttributeError": {"a", "b"},
    "if n == 'a' or n == 'b': return 1\nif n == 'c' and fast: return 2\nraise AttributeError": {
        "a",
        "b",
        "c",
    },
    "if sys.version_info > (3, 12):\n    if n == 'a': return 1\nraise AttributeError": {"a"},
    "if n == 'a':\n    globals()[n] = 1\n    return 1\nraise AttributeError": {"a"},
    "if n == 'a': return 1\nreturn table[n]": None,
    "if n == 'a': return 1": None,
    "if n in table: return table[n]\nraise AttributeError": None,
    "if n != 'a': return 1\nraise AttributeError": None,
    "if n not in ('a', 'b'):\n    raise AttributeError\nreturn table[n]": {"a", "b"},
    "if n != 'a': raise AttributeError\nif fast: return 1\nreturn 2": {"a"},
    "if not n in ('a',):\n    if fast: raise AttributeError\nreturn table[n]": None,
    "if n not in table: raise AttributeError\nreturn table[n]": None,
    "if n == 'a' or fast: return 1\nraise AttributeError": None,
    "try:\n    return table[n]\nexcept KeyError:\n    raise AttributeError": None,
    "n = n.lower()\nif n == 'a': return 1\nraise AttributeError": None,
    "if fast: return 1\nelse: raise AttributeError": None,
    "for one in table:\n    if one == n: return one\nraise AttributeError": None,
}


@pytest.mark.parametrize("body", SERVED)
def test_a_module_that_serves_a_few_names_by_getattr_is_closed(body):
    found = summary_of("def __getattr__(n):\n" + textwrap.indent(body, "    "))
    served = SERVED[body]
    assert found.dynamic == (() if served else ("getattr",))
    assert set(found.names) - {"__getattr__"} == (served or set())


GETATTR_MAKERS = {
    "def make(m):\n  def g(n):\n    if n != 'a': raise AttributeError\n    return 1\n  return g": (),
    "def make(m):\n  def g(n): return 1\n  return g": ("getattr",),
    "def make(m):\n  if m: return m\n  def g(n):\n    raise AttributeError\n  return g": ("getattr",),
    "@cache\ndef make(m):\n  def g(n):\n    raise AttributeError\n  return g": ("getattr",),
    "from maker import make": ("getattr",),
}


@pytest.mark.parametrize("maker", GETATTR_MAKERS)
def test_a_getattr_that_a_function_of_the_module_makes(maker):
    found = summary_of(f"{maker}\n__getattr__ = make(__name__)\n")
    assert found.dynamic == GETATTR_MAKERS[maker]
    assert ("a" in found.names) == (not found.dynamic)


def test_a_getattr_that_has_several_definitions_opens_the_module():
    shim = "def __getattr__(n):\n    raise AttributeError\n"
    assert summary_of(shim).dynamic == ()
    assert summary_of(f"if x:\n{textwrap.indent(shim, ' ')}").dynamic == ()
    assert summary_of(shim + "if x:\n    from y import __getattr__\n").dynamic == ("getattr",)
    assert summary_of("@cache\n" + shim).dynamic == ("getattr",)


OPEN_CLASSES = {
    "def __getattr__(self, name): ...": "getattr",
    "def __getattribute__(self, name): ...": "getattr",
    "def m(self): setattr(self, name, 1)": "setattr",
    "def m(self): object.__setattr__(self, name, 1)": "setattr",
    "def m(self): self.__dict__[name] = 1": "setattr",
    "def m(self): self.__dict__.update(x)": "setattr",
    "def m(self): self.__dict__ = x": "setattr",
    "def m(self):\n  d = self.__dict__\n  d[name] = 1": "setattr",
    "def m(self):\n  d = self.__dict__\n  d['a'] = 1\n  return d": "setattr",
    "def m(self):\n  d = self.__dict__\n  d.update(x)": "setattr",
    "def m(self):\n  d = self.__dict__\n  for d['a'] in x: fill(d)": "setattr",
    "def m(self, other): self.__dict__.update(other.__dict__)": "setattr",
    "def m(self):\n  new = type(self)()\n  new.__dict__.update(self.__dict__, **x)": "setattr",
    "def m(self): fill(self.__dict__)": "setattr",
    "def m(self): vars(self).update(x)": "setattr",
    "def m(self, f): functools.update_wrapper(self, f)": "update-wrapper",
    "locals()[name] = 1": "locals",
    "vars().update(x)": "locals",
    "exec(code)": "exec",
    "__slots__ = names": "slots",
}
CLOSED_CLASSES = (
    "def m(self): return dict(self.__dict__)",
    "def m(self): return self.__dict__.items()",
    "def m(self): return f(**self.__dict__)",
    "def m(self): return name in self.__dict__",
    "def m(self):\n  d = self.__dict__\n  return d['a'], d.get('b'), 'c' in d",
    "def m(self):\n  new = object.__new__(self.__class__)\n  new.__dict__.update(self.__dict__)",
    "def __setattr__(self, name, value): object.__setattr__(self, name, value)",
    "def __setattr__(self, name, value): super().__setattr__(name, value)",
)


@pytest.mark.parametrize("member", OPEN_CLASSES)
def test_a_class_whose_members_are_made_by_code_says_so(member):
    assert class_of(f"class C:\n {member}\n").dynamic == (OPEN_CLASSES[member],)


@pytest.mark.parametrize("member", CLOSED_CLASSES)
def test_reading_an_instance_dictionary_opens_nothing(member):
    assert class_of(f"class C:\n {member}\n").dynamic == ()


STORES = {
    "X.a = 1": {("X", "a")},
    "m.X.a += 1": {("m.X", "a")},
    "f().a = 1": {("", "a")},
    "del X.a": {("X", "a")},
    "setattr(X, 'a', 1)": {("X", "a")},
    "setattr(X, name, 1)": {("X", "*")},
    "def f(X): setattr(X, name, 1)": set(),
    "mapper(X, table)": {("X", "*")},
    "registry.map_imperatively(m.X, table)": {("m.X", "*")},
    "def f(X):\n def g(): setattr(X, name, 1)": set(),
    "def f(X): setattr(X, 'a', 1)": {("X", "a")},
    "def f(Y): setattr(X, name, 1)": {("X", "*")},
    "def f(X):\n X = wider(X)\n setattr(X, name, 1)": {("X", "*"), ("wider", "*")},
    "X.__dict__.update(y)": {("X", "*")},
    "def test(monkeypatch):\n monkeypatch.setattr(X, 'a', 1)": {("X", "a")},
    "def test(monkeypatch):\n monkeypatch.setattr('m.X.a', 1)": {("m.X", "a")},
    "@patch('m.X.a')\ndef test(a): pass": {("m.X", "a")},
    "with mock.patch.object(X, 'a'): pass": {("X", "a")},
    "with patch.multiple(X, a=1, b=2): pass": {("X", "a"), ("X", "b")},
    "client.patch('https://example.org/a.b')": set(),
}


@pytest.mark.parametrize("code", STORES)
def test_what_is_assigned_from_outside_is_recorded(code):
    assert summary_of(code).stores == STORES[code]


IMPORT_EFFECTS = {
    'sys.modules[f"a.b.{n}"] = m': (("a.b.*",), False),
    "sys.modules['a.b'] = x": (("a.b",), False),
    "sys.modules[name] = x": (("*",), False),
    "sys.modules.update(x)": (("*",), False),
    "def f(n):\n s = find_spec(n)\n m = util.module_from_spec(s)\n sys.modules[n] = m": ((), False),
    "def f(n):\n s = find_spec(n)\n m = util.module_from_spec(s)\n sys.modules[k] = m": (("*",), False),
    "def f(n):\n n = 'a'\n s = find_spec(n)\n m = module_from_spec(s)\n sys.modules[n] = m": (("*",), False),
    "def f(n, s):\n m = module_from_spec(s)\n sys.modules[n] = m": (("*",), False),
    "def f(n):\n s = spec_from_loader(n)\n m = module_from_spec(s)\n sys.modules[n] = m": (("*",), False),
    "def f(n):\n s = find_spec(n)\n m = module_from_spec(s)\n if x: m = y\n sys.modules[n] = m": (
        ("*",),
        False,
    ),
    "sys.meta_path.insert(0, x)": (("*",), False),
    "__path__ = extend_path(__path__, __name__)": (("*",), False),
    "__path__.append(x)": (("*",), False),
    "sys.path.insert(0, x)": ((), True),
    "sys.path = x": ((), True),
    "site.addsitedir(x)": ((), True),
    "x = sys.modules['a']": ((), False),
    "for x in sys.path: pass": ((), False),
    "iter_modules(package.__path__)": ((), False),
}


@pytest.mark.parametrize("code", IMPORT_EFFECTS)
def test_changes_of_the_import_system_are_recorded(code):
    summary = summary_of(code)
    assert (summary.installs, summary.changes_sys_path) == IMPORT_EFFECTS[code]


RETURNED = {
    "return x": ("x",),
    "if x: return 1\n return": ("1", "None"),
    "print()": ("None",),
    "raise NotImplementedError": (),
    "'''Left to subclasses.'''": (),
    "return [\n'" + "x" * 300 + "']": ("list()",),
    "return f(\n'" + "x" * 300 + "')": ("f(...)",),
    "def inner(): return 1\n return 2": ("2",),
    "return lambda: '" + "x" * 300 + "'": (),
}


@pytest.mark.parametrize("body", RETURNED)
def test_returned_expressions_are_kept_where_they_say_something(body):
    (function,) = summary_of(f"def f():\n {body}\n").names["f"]
    assert function.returned == RETURNED[body]


def test_a_signature_keeps_kinds_defaults_and_annotations():
    (function,) = summary_of("async def f(a, /, b: int, c=1, *d, e, g: 'X' = 2, **h) -> X: yield").names["f"]
    assert [(one.name, one.kind, one.has_default, one.annotation) for one in function.parameters] == [
        ("a", "positional-only", False, None),
        ("b", "positional", False, "int"),
        ("c", "positional", True, None),
        ("d", "var-positional", False, None),
        ("e", "keyword-only", False, None),
        ("g", "keyword-only", True, "'X'"),
        ("h", "var-keyword", False, None),
    ]
    assert (function.returns, function.is_async, function.is_generator) == ("X", True, True)


def test_a_class_keeps_bases_keywords_decorators_and_slots():
    found = class_of(
        "@dataclass(frozen=True)\nclass C(A, b.B[int], metaclass=M, total=False):\n __slots__ = 'a', 'b'\n"
    )
    assert found.bases == ("A", "b.B[int]")
    assert dict(found.keywords) == {"metaclass": "M", "total": "False"}
    assert found.decorators == ("dataclass(frozen=True)",)
    assert found.slots == ("a", "b")


def test_a_stub_that_serves_any_name_is_partial():
    assert summary_of("def __getattr__(name: str) -> Any: ...", is_stub=True).dynamic == ("partial-stub",)
