"""Modules found as the project's interpreter would, their names, and when one is certainly absent."""

import os
import threading

import pytest
from symbol_check import make_index, write_files

from tracemend.analysis.symbols.introspect import RuntimeNames


def names_of(index, name):
    """Return the public names of a module that are not those of every module, or why they cannot be listed."""
    found = index.module_names(index.module(name))
    if not found.closed:
        return found.why_open
    return " ".join(sorted(one for one in found.names if not one.startswith("__")))


SEARCHES = {
    "a file at the root": ("#- project/m.py\na = 1", "m", "a"),
    "a package": ("#- project/p/__init__.py\na = 1\n#- project/p/s.py\nb = 1", "p", "a s"),
    "a submodule": ("#- project/p/__init__.py\n\n#- project/p/s.py\nb = 1", "p.s", "b"),
    "the src layout": ("#- project/src/m.py\na = 1", "m", "a"),
    "pytest's pythonpath": (
        "#- project/pyproject.toml\n[tool.pytest.ini_options]\npythonpath = ['python']\n#- project/python/m.py\na = 1",
        "m",
        "a",
    ),
    "setuptools' package directory": (
        "#- project/setup.cfg\n[options]\npackage_dir =\n    = code\n#- project/code/m.py\na = 1",
        "m",
        "a",
    ),
    "setup.py's package directory": (
        "#- project/setup.py\nsetup(package_dir={'': 'code'})\n#- project/code/m.py\na = 1",
        "m",
        "a",
    ),
    "hatch's packages": (
        "#- project/pyproject.toml\n[tool.hatch.build.targets.wheel]\npackages=['b/p']\n#- project/b/p/__init__.py\na = 1",
        "p",
        "a",
    ),
    "an installed module": ("#- site/m.py\na = 1", "m", "a"),
    "the project before what is installed": ("#- project/m.py\na = 1\n#- site/m.py\nb = 1", "m", "a"),
    "a package before a module": ("#- site/m/__init__.py\na = 1\n#- site/m.py\nb = 1", "m", "a"),
    "a regular package before a namespace": ("#- project/p/s.py\n\n#- site/p/__init__.py\na = 1", "p", "a s"),
    "a namespace over two roots": ("#- project/p/a.py\nx = 1\n#- site/p/b.py\ny = 1", "p.b", "y"),
    "a stub beside its source": ("#- site/m.py\na = 1\n#- site/m.pyi\nb: int", "m", "a b"),
    "a stub distribution": ("#- site/m/__init__.py\na = 1\n#- site/m-stubs/__init__.pyi\nb: int", "m", "a b"),
    "a submodule of a stub distribution": (
        "#- site/m/__init__.py\n\n#- site/m/s.py\na = 1\n#- site/m-stubs/__init__.pyi\n\n#- site/m-stubs/s.pyi\nb: int",
        "m.s",
        "a b",
    ),
    "a stub that is alone": ("#- site/m.pyi\na: int", "m", "a"),
    "a stub that admits to be partial": ("#- site/m.pyi\ndef __getattr__(n): ...", "m", "partial-stub"),
    "a partial stub with its source": (
        "#- site/m.pyi\nb: int\ndef __getattr__(n): ...\n#- site/m.py\na = 1",
        "m",
        "a b",
    ),
    "a partial stub distribution without source": (
        "#- site/m-stubs/__init__.pyi\na: int\n#- site/m-stubs/py.typed\npartial\n#- site/m/__init__.pyc\n",
        "m",
        "partial-stub",
    ),
    "a compiled module": ("#- site/m.abi3.so\n", "m", "compiled"),
    "a namespace is never closed": ("#- project/p/a.py\n", "p", "namespace"),
    "a path file": ("#- site/x.pth\n../elsewhere\n#- elsewhere/m.py\na = 1", "m", "a"),
}


@pytest.mark.parametrize("case", SEARCHES)
def test_modules_are_found_where_the_interpreter_finds_them(tmp_path, case):
    files, name, expected = SEARCHES[case]
    assert names_of(make_index(tmp_path, files), name) == expected


EDITABLE_FINDERS = {
    "setuptools": "MAPPING: dict[str, str] = {{'m': {path!r}}}\nNAMESPACES: dict[str, list[str]] = {{}}\n",
    "editables": "from editables.redirector import R as F\nF.install()\nF.map_module('m', {init!r})\n",
    "scikit-build-core": "def install(*a): ...\ninstall({{'m': {init!r}}}, {{}}, None)\n",
}


@pytest.mark.parametrize("backend", EDITABLE_FINDERS)
def test_editable_installs_are_read_as_text(tmp_path, backend):
    home = tmp_path / "elsewhere" / "m"
    finder = EDITABLE_FINDERS[backend].format(path=str(home), init=str(home / "__init__.py"))
    module = "__editable___m_finder"
    files = f"#- elsewhere/m/__init__.py\na = 1\n#- site/{module}.py\n{finder}#- site/__editable__.m.pth\nimport {module}"
    index = make_index(tmp_path, files)
    assert names_of(index, "m") == "a"
    assert index.knows_absent("other")


STARS = {
    "public names": ("from b import *", "x = _y = 1", "x"),
    "what __all__ says": ("from b import *", "x = _y = z = 1\n__all__ = ['_y']", "_y"),
    "everything where __all__ is computed": ("from b import *", "x = _y = 1\n__all__ = dir()", "_y x"),
    "a cycle": ("from b import *\na = 1", "from a import *\nb = 1", "a b"),
    "an open module": ("from b import *", "globals().update(x)", "globals"),
    "a literal __all__ of an open module": ("from b import *", "__all__ = ['x']\nglobals().update(x)", "x"),
    "a module that is not found": ("from c import *", "", "unknown-import"),
}


@pytest.mark.parametrize("case", STARS)
def test_star_imports_bring_their_names(tmp_path, case):
    first, second, expected = STARS[case]
    index = make_index(tmp_path, f"#- project/a.py\n{first}\n#- project/b.py\n{second}\n")
    assert names_of(index, "a") == expected


def test_relative_star_imports_are_followed_from_packages_and_modules(tmp_path):
    index = make_index(
        tmp_path,
        """
        #- project/p/__init__.py
        from .a import *
        #- project/p/a.py
        from .q import *
        #- project/p/q/__init__.py
        from ..b import *
        #- project/p/b.py
        x = 1
        """,
    )
    assert names_of(index, "p") == "a b q x"


def test_a_relative_import_that_leaves_the_top_package_leads_nowhere(tmp_path):
    index = make_index(tmp_path, "#- project/p/__init__.py\nfrom ..p import *\n")
    assert names_of(index, "p") == "unknown-import"


ABSENT = {
    "nothing of the name": ("", "m", True),
    "a module that is there": ("#- project/m.py\n", "m", False),
    "a submodule that is missing": ("#- site/m/__init__.py\n", "m.s", True),
    "a module below one that is no package": ("#- site/m.py\n", "m.s", True),
    "a missing parent": ("", "m.s.t", True),
    "a module of the standard library": ("", "json", False),
    "a submodule that the standard library lacks": ("", "json.nothing", True),
    "a module that is put in place by another": ("", "os.path", False),
    "a module of another platform": ("", "winreg", False),
    "a stub-only module of typeshed": ("", "_typeshed", False),
    "a namespace may have portions elsewhere": ("#- site/m/a.py\n", "m.s", False),
    "any name that stands in the workspace": ("#- project/tests/unit/m.py\n", "m", False),
    "a path file whose code is not understood": ("#- site/x.pth\nimport something", "m", False),
    "a path file that is known to add nothing": ("#- site/_virtualenv.pth\nimport _virtualenv", "m", True),
    "the hook of setuptools": ("#- site/d.pth\nimport _distutils_hack", "distutils", False),
    "an import hook of the project": (
        "#- project/conftest.py\nimport sys\nsys.meta_path.append(1)",
        "m",
        False,
    ),
    "an import hook of the package": (
        "#- site/m/__init__.py\nimport sys\nsys.meta_path.append(1)",
        "m.s",
        False,
    ),
    "an import hook of a part that the package imports": (
        "#- site/m/__init__.py\nfrom . import _hook\n#- site/m/_hook.py\nimport sys\nsys.meta_path.append(1)",
        "m.s",
        False,
    ),
    "a module put into sys.modules": ("#- site/m.py\nimport sys\nsys.modules['m.s'] = 1", "m.s", False),
    "another module put into sys.modules": ("#- site/m.py\nimport sys\nsys.modules['m.s'] = 1", "m.t", True),
    "a package that moves its path": ("#- site/m/__init__.py\n__path__.append(1)", "m.s", False),
    "a changed sys.path": ("#- project/conftest.py\nimport sys\nsys.path.insert(0, 'x')", "m", False),
    "a changed sys.path of a script": (
        "#- project/docs/conf.py\nimport sys\nsys.path.insert(0, 'x')",
        "m",
        True,
    ),
    "a module for another Python": ("#- site/m/__init__.py\n\n#- site/m/s.cpython-27.so\n", "m.s", False),
    "a generated version file": ("#- project/m/__init__.py\n", "m._version", False),
    "a module yet to be compiled": (
        "#- project/m/__init__.py\n\n#- project/m/speed.pyx\n",
        "m._speed",
        False,
    ),
    "the main module": ("", "__main__", False),
    "a submodule of a package that shadows the standard library": (
        "#- project/test/__init__.py\n",
        "test.x",
        False,
    ),
    "an archive on the path": ("#- site/x.pth\nx.egg\n#- site/x.egg\n", "m", False),
    "what is no module name": ("", "m-n", False),
}


@pytest.mark.parametrize("case", ABSENT)
def test_absence_is_claimed_only_where_it_is_certain(tmp_path, case):
    files, name, expected = ABSENT[case]
    index = make_index(tmp_path, files)
    assert index.knows_absent(name, near=str(index.root / "main.py")) is expected


def test_the_directory_of_the_importing_file_counts(tmp_path):
    index = make_index(tmp_path, "#- project/tests/helpers.py\na = 1\n#- project/tests/test_x.py\n")
    near = str(index.root / "tests" / "test_x.py")
    assert index.module("helpers") is None
    assert index.module("helpers", near=near).path == str(index.root / "tests" / "helpers.py")


def test_a_package_beside_the_importing_file_has_its_submodules(tmp_path):
    files = (
        "#- project/tests/test_x.py\n\n#- project/tests/kit/__init__.py\na = 1\n#- project/tests/kit/sub.py\n"
    )
    index = make_index(tmp_path, files)
    package = index.module("kit", near=str(index.root / "tests" / "test_x.py"))
    names = index.module_names(package)
    assert names.closed
    assert [names.lacks(one) for one in ("a", "sub", "other")] == [False, False, True]
    assert index.submodules("kit") == {"sub"}


def test_a_file_has_the_name_it_is_imported_by(tmp_path):
    index = make_index(tmp_path, "#- project/src/p/__init__.py\n\n#- site/q/s.py\n")
    assert index.module_name(str(index.root / "src" / "p" / "__init__.py")) == "p"
    assert index.module_name(str(tmp_path / "site" / "q" / "s.py")) == "q.s"
    assert index.module_name(str(tmp_path / "nowhere.py")) is None


def test_stubs_without_source_say_nothing_of_private_names(tmp_path):
    index = make_index(tmp_path, "#- site/m.abi3.so\n\n#- site/m.pyi\na: int\n")
    names = index.module_names(index.module("m"))
    assert [names.lacks(one) for one in ("a", "b", "_c", "__d__")] == [False, True, False, False]


def test_an_introspector_answers_for_installed_extension_modules(tmp_path):
    asked = []

    def introspect(name, binary):
        asked.append((name, os.path.basename(binary)))
        return RuntimeNames(frozenset({f"seen_{name}", "f"}), functions={"f": "($module, a, /, *, b=1)"})

    layout = """
        #- site/m.abi3.so
        #- site/stubbed.abi3.so
        #- site/stubbed.pyi
        #- site/both.abi3.so
        #- site/both.py
        #- project/mine.abi3.so
    """
    index = make_index(tmp_path, layout, introspector=introspect)
    for other in ("stubbed", "both", "mine"):
        index.module(other)
    assert asked == []
    assert names_of(index, "m") == "f seen_m"
    assert index.module_names(index.module("m")).lacks("g")
    assert asked == [("m", "m.abi3.so")]
    (told,) = index.module("m").summary.names["f"]
    assert [(one.name, one.kind, one.has_default) for one in told.parameters] == [
        ("a", "positional-only", False),
        ("b", "keyword-only", True),
    ]


def test_unsaved_text_counts_in_place_of_the_file(tmp_path):
    index = make_index(tmp_path, "#- project/a.py\nx = 1\n")
    path = index.root / "a.py"
    index.update(path, "y = 1")
    assert names_of(index, "a") == "y"
    index.update(path, None)
    assert names_of(index, "a") == "x"


def test_a_file_that_comes_and_goes_is_noticed(tmp_path):
    index = make_index(tmp_path, "#- project/p/__init__.py\n")
    assert index.module("p.new") is None
    write_files(tmp_path, "#- project/p/new.py\nx = 1\n")
    index.update(index.root / "p" / "new.py", None)
    assert names_of(index, "p.new") == "x"
    os.unlink(index.root / "p" / "new.py")
    index.update(index.root / "p" / "new.py", None)
    assert index.module("p.new") is None


def test_an_edit_reaches_those_who_import_with_a_star(tmp_path):
    index = make_index(tmp_path, "#- project/a.py\nfrom b import *\n#- project/b.py\nx = 1\n")
    assert names_of(index, "a") == "x"
    index.update(index.root / "b.py", "y = 1")
    assert names_of(index, "a") == "y"


def test_a_module_that_shadows_the_standard_library_is_open(tmp_path):
    index = make_index(tmp_path, "#- project/random.py\nx = 1\n")
    assert names_of(index, "random") == "shadows-stdlib"


def test_a_new_unsaved_buffer_is_a_module(tmp_path):
    index = make_index(tmp_path, "#- project/p/__init__.py\n")
    index.update(index.root / "q" / "new.py", "x = 1")
    assert names_of(index, "q.new") == "x"
    index.update(index.root / "q" / "new.py", None)
    assert index.module("q.new") is None


def test_stores_are_collected_over_the_workspace_and_follow_changes(tmp_path):
    index = make_index(tmp_path, "#- project/a.py\nX.attr = 1\n#- project/b.py\nsetattr(Y, 'attr', 1)\n")
    assert {(os.path.basename(one.path), one.receiver) for one in index.stores_on("attr")} == {
        ("a.py", "X"),
        ("b.py", "Y"),
    }
    index.update(index.root / "a.py", "X.other = 1")
    assert {one.receiver for one in index.stores_on("attr")} == {"Y"}
    assert {one.receiver for one in index.stores_on("other")} == {"X"}
    index.update(index.root / "a.py", None)
    assert {one.receiver for one in index.stores_on("attr")} == {"X", "Y"}


def test_environments_inside_the_project_are_not_its_files(tmp_path):
    files = "#- project/a.py\n\n#- project/env38/pyvenv.cfg\n\n#- project/env38/lib/b.py\n\n#- project/.hidden/c.py\n"
    index = make_index(tmp_path, files)
    assert [one.name for one in index.workspace_files()] == ["a.py"]


def test_many_threads_may_ask_while_buffers_change(tmp_path):
    index = make_index(tmp_path, "#- project/a.py\nfrom b import *\n#- project/b.py\nx0 = 1\n")
    problems = []

    def ask():
        for _ in range(200):
            found = index.module_names(index.module("a")).names
            if sum(one.startswith("x") for one in found) != 1:
                problems.append(found)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for one in threads:
        one.start()
    for number in range(100):
        index.update(index.root / "b.py", f"x{number} = 1")
    for one in threads:
        one.join()
    assert problems == []
    assert names_of(index, "a") == "x99"
