"""Hand-written files of each format become tasks whose tests tell right programs from wrong ones."""

from __future__ import annotations

import gzip
import json
import sys
import types
from pathlib import Path

import pytest

from tracemend.repair.benchmarks import tasks
from tracemend.repair.benchmarks.drafting import program_of, read_drafts
from tracemend.repair.benchmarks.formats import Format, read_tasks
from tracemend.repair.benchmarks.tasks import BadTask, BenchTask, Visible

HUMANEVAL = {
    "task_id": "HumanEval/0",
    "prompt": (
        "import math\n\ndef half(n):\n    return n // 2\n\n"
        'def area(r):\n    """Area of a circle, rounded.\n    >>> area(1)\n    3\n    >>> print(area(2))\n    13\n    """\n'
    ),
    "entry_point": "area",
    "canonical_solution": "    return round(math.pi * r ** 2)\n",
    "test": "def check(candidate):\n    assert candidate(1) == 3\n    assert candidate(3) == 28\n    assert True\n",
}
HUMANEVALFIX = {
    "task_id": "Python/7",
    "declaration": "def biggest(xs):\n",
    "buggy_solution": "    return sorted(xs)[0]\n",
    "canonical_solution": "    return sorted(xs)[-1]\n",
    "test": "def check(biggest):\n    for xs in ([1], [1, 2]):\n        assert biggest(xs) == xs[-1]\n\ncheck(biggest)\n",
    "example_test": "def check(biggest):\n    assert biggest([2, 5]) == 5\ncheck(biggest)\n",
    "entry_point": "biggest",
    "bug_type": "value misuse",
}
MBPP = {
    "task_id": 11,
    "text": "Write a function to find the set of doubles.",
    "code": "def doubles(xs):\n    return {2 * x for x in xs}",
    "test_list": ["assert set(doubles([1])) == {2}", "assert doubles([]) == set()"],
    "test_setup_code": "",
    "challenge_test_list": ["assert doubles([3, 3]) == {6}"],
}
RIGHT = {
    "humaneval": HUMANEVAL["prompt"] + HUMANEVAL["canonical_solution"],
    "humanevalfix": HUMANEVALFIX["declaration"] + HUMANEVALFIX["canonical_solution"],
    "mbpp": MBPP["code"],
    "quixbugs": "def gcd(a, b):\n    return gcd(b, a % b) if b else a\n",
}
WRONG_IN_GENERAL = {  # They pass the examples.
    "humaneval": HUMANEVAL["prompt"] + "    return 3\n",
    "humanevalfix": "def biggest(xs):\n    return 5\n",
    "mbpp": "def doubles(xs):\n    return {2}\n",
}


@pytest.fixture
def suite(tmp_path: Path):
    """Return a function that writes the file, or the checkout, of a format."""
    for name, problem in (("humaneval", HUMANEVAL), ("humanevalfix", HUMANEVALFIX), ("mbpp", MBPP)):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(problem) + "\n\n")
    checkout = tmp_path / "quixbugs"
    for folder in ("python_programs", "json_testcases"):
        (checkout / folder).mkdir(parents=True)
    (checkout / "python_programs" / "gcd.py").write_text(
        "def gcd(a, b):\n    return gcd(a % b, b) if b else a\n"
    )
    (checkout / "python_programs" / "without_tests.py").write_text("")
    cases = [[[12, 18], 6], [[7, 3], 1], [[4, 4], 4], [[5, 0], 5]]
    (checkout / "json_testcases" / "gcd.json").write_text("".join(json.dumps(one) + "\n" for one in cases))
    return lambda wanted: checkout if wanted == "quixbugs" else tmp_path / f"{wanted}.jsonl"


def only(path: Path, wanted: Format, visible: Visible = "examples") -> BenchTask:
    (task,) = read_tasks([path], wanted, visible)
    return task


def verdict(task: BenchTask, program: str, tests: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Return how many tests of a module pass and fail with `program` in place of the task's."""
    name = task.module.removesuffix(".py").replace("/", ".")
    module = types.ModuleType(name)
    exec(program, module.__dict__)  # noqa: S102 - the programs of this file
    for part in range(1, name.count(".") + 1):
        parent = ".".join(name.split(".")[:part])
        monkeypatch.setitem(sys.modules, parent, types.ModuleType(parent))
    monkeypatch.setitem(sys.modules, name, module)
    names: dict[str, object] = {}
    exec(tests, names)  # noqa: S102 - and their tests
    passed = failed = 0
    for test in (value for key, value in names.items() if key.startswith("test_")):
        try:
            test()  # type: ignore[operator]
            passed += 1
        except (AssertionError, RecursionError):
            failed += 1
    return passed, failed


@pytest.mark.parametrize(
    ("wanted", "visible", "hidden"),
    [("humaneval", 1, 2), ("humanevalfix", 1, 1), ("mbpp", 1, 3), ("quixbugs", 2, 4)],
)
def test_a_right_program_passes_all(suite, monkeypatch, wanted: Format, visible: int, hidden: int) -> None:
    task = only(suite(wanted), wanted)
    (seen,), (judging,) = task.visible.values(), task.hidden.values()
    assert verdict(task, RIGHT[wanted], seen, monkeypatch) == (visible, 0)
    assert verdict(task, RIGHT[wanted], judging, monkeypatch) == (hidden, 0)


@pytest.mark.parametrize("wanted", ["humaneval", "humanevalfix", "mbpp"])
def test_what_passes_the_examples_alone_is_refuted(suite, monkeypatch, wanted: Format) -> None:
    task = only(suite(wanted), wanted)
    (seen,), (judging,) = task.visible.values(), task.hidden.values()
    assert verdict(task, WRONG_IN_GENERAL[wanted], seen, monkeypatch)[1] == 0
    assert verdict(task, WRONG_IN_GENERAL[wanted], judging, monkeypatch)[1] > 0


@pytest.mark.parametrize("wanted", ["humanevalfix", "quixbugs"])
def test_a_program_to_be_mended_fails(suite, monkeypatch, wanted: Format) -> None:
    task = only(suite(wanted), wanted)
    (judging,) = task.hidden.values()
    assert verdict(task, task.program, judging, monkeypatch)[1] > 0


@pytest.mark.parametrize("wanted", ["humaneval", "humanevalfix", "mbpp", "quixbugs"])
def test_with_tests_visible_the_engine_sees_what_judges(suite, wanted: Format) -> None:
    task = only(suite(wanted), wanted, "tests")
    assert list(task.visible.values()) == list(task.hidden.values())


def test_quixbugs_keeps_its_own_tests_where_it_has_some(suite) -> None:
    root = suite("quixbugs")
    (root / "python_testcases").mkdir()
    (root / "python_testcases" / "test_gcd.py").write_text("def test_gcd(): ...\n")
    (root / "conftest.py").write_text("import pytest\n")
    task = only(root, "quixbugs")
    assert set(task.hidden) == {"python_testcases/test_gcd.py", "json_testcases/gcd.json"}
    assert (len(task.visible["json_testcases/gcd.json"].splitlines()), task.helpers) == (
        2,
        {"conftest.py": "import pytest\n"},
    )


def test_sanitized_mbpp_is_read_as_it_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sanitized = {
        "source_file": "Benchmark Questions Verification V2.ipynb",
        "task_id": 2,
        "prompt": "Write a function to find the root of the sum.",
        "code": "import math\ndef root(xs):\n    return math.sqrt(sum(xs))",
        "test_imports": ["import math"],
        "test_list": ["assert math.isclose(root([2, 2]), 2)", "assert root([9]) == 3"],
    }
    (tmp_path / "sanitized-mbpp.json").write_text(json.dumps([sanitized]))
    task = only(tmp_path / "sanitized-mbpp.json", "mbpp")
    (seen,), (judging,) = task.visible.values(), task.hidden.values()
    assert task.entry_point == "root" and task.prompt.startswith("Write a function to find the root")
    assert verdict(task, sanitized["code"], seen, monkeypatch) == (1, 0)
    assert verdict(task, sanitized["code"], judging, monkeypatch) == (2, 0)


def test_a_function_may_be_called_as_a_builtin_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in task 126 of MBPP, without which the published file could not be read."""
    problem = {**MBPP, "code": "def sum(a, b):\n    return a + b", "test_list": ["assert sum(1, 2) == 3"]}
    (tmp_path / "a.jsonl").write_text(json.dumps({**problem, "challenge_test_list": []}))
    task = only(tmp_path / "a.jsonl", "mbpp")
    (judging,) = task.hidden.values()
    assert task.entry_point == "sum" and verdict(task, problem["code"], judging, monkeypatch) == (1, 0)


def test_an_example_that_doctest_cannot_read_is_left_out(tmp_path: Path) -> None:
    """As in some of HumanEval's docstrings, where a string of an example holds a line break."""
    docstring = '"""Count.\n    >>> area("ab\\ncd")\n    4\n    >>> area("xy")\n    2\n    """'
    (tmp_path / "a.jsonl").write_text(json.dumps({**HUMANEVAL, "prompt": f"def area(s):\n    {docstring}\n"}))
    task = only(tmp_path / "a.jsonl", "humaneval")
    (seen,) = task.visible.values()
    assert "area('xy')" in seen.replace('"', "'") and seen.count("def test_") == 1


def test_compressed_files_and_lists_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(json.dumps(HUMANEVAL).encode()))
    (tmp_path / "b.json").write_text(json.dumps([MBPP]))
    assert only(tmp_path / "a.jsonl.gz", "humaneval").id == "HumanEval/0"
    assert only(tmp_path / "b.json", "mbpp").id == "mbpp/11"


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"task_id": 1}',
        '["x"]',
        json.dumps(HUMANEVAL) + "\n" + json.dumps(HUMANEVAL),
        "\x00",
    ],
)
def test_what_is_not_in_the_format_is_said_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    if text == "[]":
        assert list(read_tasks([path], "humaneval", "examples")) == []
        return
    with pytest.raises(BadTask, match=r"bad.jsonl|two tasks"):
        list(read_tasks([path], "humaneval", "examples"))
    with pytest.raises(BadTask, match="missing cannot be read: No such file"):
        list(read_tasks([tmp_path / "missing"], "humaneval", "examples"))
    (tmp_path / "a.parquet").write_bytes(b"PAR1\xff\xfe")
    with pytest.raises(BadTask, match=r"a\.parquet is no text of JSON lines"):
        list(read_tasks([tmp_path / "a.parquet"], "humaneval", "examples"))
    with pytest.raises(BadTask):
        list(read_tasks([tmp_path], "quixbugs", "examples"))


@pytest.mark.parametrize(
    "answer",
    [
        "    return round(math.pi * r ** 2)\n",
        "```python\ndef area(r):\n    return round(math.pi * r ** 2)\n```",
        "Sure!\n```python\nimport math\ndef area(r):\n    return round(math.pi * r ** 2)\n```\nDone.",
        "```python\nprint(area(1))\n```\nand\n```python\ndef area(r):\n    return round(math.pi * r ** 2)\n```",
    ],
)
def test_answers_and_completions_become_programs(suite, monkeypatch, answer: str) -> None:
    task = only(suite("humaneval"), "humaneval")
    (judging,) = task.hidden.values()
    assert verdict(task, program_of(task, answer), judging, monkeypatch) == (2, 0)


def test_samples_made_elsewhere_are_read(tmp_path: Path, suite) -> None:
    task = only(suite("humaneval"), "humaneval")
    samples = [
        {"task_id": "HumanEval/0", "completion": "    return 3\n"},
        {"task_id": "HumanEval/0", "solution": RIGHT["humaneval"]},
    ]
    (tmp_path / "s.jsonl").write_text("\n".join(map(json.dumps, samples)))
    first, second = read_drafts(tmp_path / "s.jsonl", {task.id: task})[task.id]
    assert first == WRONG_IN_GENERAL["humaneval"] and "math.pi" in second
    (tmp_path / "s.jsonl").write_text('{"task_id": "HumanEval/9", "completion": ""}')
    with pytest.raises(BadTask, match="no task 'HumanEval/9'"):
        read_drafts(tmp_path / "s.jsonl", {task.id: task})


CHECKS = {
    "independent": ("def check(f):\n    assert f(1) == 1\n    assert f(2) == 2\ncheck(f)\n", 2),
    "dependent": ("def check(f):\n    x = f(1)\n    assert x == 1\n", 1),
    "broken": ("    def check(f):\n  assert", 0),
}


@pytest.mark.parametrize(("check", "count"), CHECKS.values(), ids=CHECKS)
def test_assertions_become_tests(check: str, count: int) -> None:
    module = tasks.tests_of_check(check, "f", "solution.py")
    assert module.count("def test_") == count
    compile(module, "test_visible.py", "exec")
