"""Which tests a change may affect, by footprints written out."""

import pytest

from tracemend.repair.live.fingerprints import Imported, fingerprints_of, kind_of
from tracemend.repair.live.impact import Change, Footprint, Impact
from tracemend.repair.live.imports import ProjectModules

FILES = {
    "shop.py": "from rates import RATE\nimport registry\n@registry.known\ndef price(): pass\ndef other(): pass\n",
    "rates.py": "RATE = 2\n",
    "registry.py": "def known(one): return one\n",
    "tools.py": "def run(): pass\n",
    "test_shop.py": "import shop\n",
    "test_registry.py": "import registry\n",
    "test_tools.py": "import tools\n",
    "test_run.py": "",
    "sub/conftest.py": "import rates\n",
    "sub/test_sub.py": "",
}
FACTS = {path: fingerprints_of(text) for path, text in FILES.items()}
MODULES = ProjectModules(FILES)


@pytest.fixture
def impact():
    found = Impact()
    found.collected = frozenset({("registry.py", "known")})
    for test, blocks, alone, processes in [
        ("test_shop.py::test_price", {("shop.py", "price")}, True, False),
        ("test_shop.py::test_other", {("shop.py", "other")}, True, False),
        ("test_shop.py::test_shared", {("test_shop.py", "test_shared")}, False, False),
        ("test_registry.py::test_all", {("test_registry.py", "test_all")}, True, False),
        ("test_tools.py::test_run", {("tools.py", "run")}, True, False),
        ("test_run.py::test_process", set(), True, True),
        ("sub/test_sub.py::test_sub", {("sub/test_sub.py", "test_sub")}, True, False),
        ("shop.py::shop.price", set(), True, False),
        ("README.md::README.md", set(), True, False),
    ]:
        found.put(test, Footprint(frozenset(blocks), alone, processes))
    return found


def affected(impact, path, *blocks, reached=(), exists=True):
    change = Change(path, frozenset(blocks), frozenset(reached), exists)
    found = impact.affected(change, MODULES, FACTS.get)
    return {test.rpartition("::")[2].removeprefix("test_") for test in found}


@pytest.mark.parametrize(
    ("path", "blocks", "tests"),
    [
        pytest.param("shop.py", ["price"], {"price", "shared", "process", "shop.price"}, id="one function"),
        pytest.param("shop.py", ["nothing"], {"shared", "process", "shop.price"}, id="a function nobody enters"),
        pytest.param("tools.py", ["run"], {"run", "process"}, id="elsewhere"),
        pytest.param("rates.py", [""], {"price", "other", "shared", "process", "sub", "shop.price"}, id="a constant"),
        pytest.param(
            "registry.py", ["known"], {"all", "price", "other", "shared", "process", "shop.price"}, id="ran at import"
        ),
        pytest.param("sub/conftest.py", [""], {"sub", "process"}, id="conftest"),
        pytest.param("tools.py", [], set(), id="nothing"),
        pytest.param("README.md", [], {"README.md"}, id="prose"),
    ],
)  # fmt: skip
def test_affected(impact, path, blocks, tests):
    assert affected(impact, path, *blocks) == tests


def test_module_level_code_that_reaches_out_affects_who_sees_it(impact):
    reached = {Imported("registry.known")}
    assert "all" not in affected(impact, "shop.py", "")
    assert "all" in affected(impact, "shop.py", "", reached=reached)


@pytest.mark.parametrize("path", ["pyproject.toml", "data/prices.json", "setup.cfg"])
def test_configuration_and_data_affect_all(impact, path):
    assert impact.affected(Change(path), MODULES, FACTS.get) == set(impact.tests)


def test_a_footprint_comes_back_and_goes(impact):
    footprint = Footprint(frozenset({("shop.py", "price"), ("rates.py", "")}), False, True)
    impact.put("test_shop.py::test_price", footprint)
    assert impact.footprint("test_shop.py::test_price") == footprint
    impact.drop(["test_shop.py::test_price"])
    assert impact.footprint("test_shop.py::test_price") is None
    assert "price" not in affected(impact, "shop.py", "price")


def test_becoming_a_generator_counts_as_its_body_only_where_calls_of_generators_are_recorded(impact):
    blocks = {"price", kind_of("price")}
    assert "other" in affected(impact, "shop.py", *blocks)
    impact.sees_generators_called = True
    assert affected(impact, "shop.py", *blocks) == affected(impact, "shop.py", "price")
    assert "price" in affected(impact, "test_shop.py", kind_of("test_price"))
