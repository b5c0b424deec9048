import pytest

from tracemend.repair.runner.errors import UsageError
from tracemend.repair.runner.results import CollectedTest, Collection, CollectionError, Containment
from tracemend.repair.selection import Selection


@pytest.mark.parametrize(
    "named, test, expected",
    [
        ((), "a/test_x.py::test_y", True),
        (("a",), "a/test_x.py::test_y", True),
        (("a/test_x.py::test_y",), "a/test_x.py::test_y", True),
        (("a/test_x.py::test_y",), "a/test_x.py::test_y[1-2]", True),
        (("a/test_x.py::TestZ",), "a/test_x.py::TestZ::test_y", True),
        (("a/test_x.py::test_y",), "a/test_x.py::test_yes", False),
        (("a/test_x.py::test_y",), "a/test_x.py", True),  # The file cannot be collected.
        (("a/test_x.py::test_y",), "test_x.py::test_y", True),  # pytest's rootdir is a/.
        (("a/test_x.py::test_y", "b"), "b/test_v.py::test_w", True),
        (("a/test_x.py::test_y", "b"), "c/test_v.py::test_w", False),
    ],
)
def test_what_is_named(named, test, expected):
    assert Selection(named).names(test) is expected


def test_node_ids_are_guarded_by_their_files():
    assert Selection(("a.py::x", "a.py::y", "b")).guarding == ("a.py", "b")


def collection(*tests, errors=()):
    found = tuple(CollectedTest(test, test.partition("::")[0], 1) for test in tests)
    broken = tuple(CollectionError(path, "ImportError", "no") for path in errors)
    return Collection(found, broken, Containment("none"), "3.12", "9", "/")


def test_a_test_that_does_not_exist_is_a_usage_error():
    Selection(("a.py::x",)).check(collection("a.py::x"))
    Selection(("a.py::x",)).check(collection(errors=["a.py"]))
    with pytest.raises(UsageError, match=r"no test a\.py::z"):
        Selection(("a.py::z",)).check(collection("a.py::x"))
