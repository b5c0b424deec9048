"""Soundness on real modules: where the names of a module are closed, the interpreter knows no other.

The standard library is read here as if it were any installed package, from its source alone: no stub, no introspection.
"""

import contextlib
import importlib
import io
import warnings
from dataclasses import replace

import pytest
from symbol_check import own_environment

from tracemend.analysis.symbols.index import Index

NAMES = """
    abc argparse asyncio.tasks base64 bdb bisect calendar cmd code collections.abc colorsys concurrent.futures.thread
    configparser contextlib copy csv dataclasses difflib dis email.policy fileinput fnmatch fractions functools gettext
    glob graphlib gzip heapq html.parser http.cookies importlib.metadata inspect ipaddress json.decoder linecache
    logging mimetypes multiprocessing.pool numbers pathlib pickletools pkgutil pprint queue random reprlib selectors
    shlex shutil statistics string tarfile tempfile textwrap threading tokenize traceback types unittest.mock
    urllib.parse uuid warnings weakref xml.dom.minidom xmlrpc.client zipfile
"""
MODULES = NAMES.split()


@pytest.fixture(scope="module")
def from_source(tmp_path_factory):
    return Index(
        tmp_path_factory.mktemp("empty"), replace(own_environment(), stdlib="", stdlib_modules=frozenset())
    )


@pytest.fixture(scope="module")
def as_it_is(tmp_path_factory):
    return Index(tmp_path_factory.mktemp("empty"), own_environment())


def import_quietly(name):
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ImportError:
            pytest.skip(f"this Python has no {name}")


@pytest.mark.parametrize("name", MODULES)
def test_the_source_of_a_closed_module_gives_every_name(from_source, name):
    module = import_quietly(name)
    names = from_source.module_names(from_source.module(name))
    assert names.closed or names.why_open in ("compiled", "globals", "getattr", "enum-convert", "self-module")
    assert [one for one in dir(module) if names.lacks(one)] == []


def test_most_of_these_modules_are_closed(from_source):
    closed = [
        one
        for one in MODULES
        if (found := from_source.module(one)) and from_source.module_names(found).closed
    ]
    assert len(closed) >= 0.75 * len(MODULES)


@pytest.mark.parametrize(
    "name", ["builtins", "sys", "time", "_io", "datetime", "socket", "os", "os.path", "signal", "re"]
)
def test_with_stub_and_interpreter_together_every_module_is_closed(as_it_is, name):
    names = as_it_is.module_names(as_it_is.module(name))
    assert names.closed
    assert [one for one in dir(import_quietly(name)) if names.lacks(one)] == []
    assert names.lacks("no_such_name")


def test_the_interpreter_tells_the_members_of_compiled_classes(as_it_is):
    classes = as_it_is.module("builtins").runtime_classes
    assert {"join", "split"} <= classes["str"]
