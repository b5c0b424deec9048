"""Answers that mean harm: each is read within moments, into an edit of what was shown or a sentence, and never an error."""

from __future__ import annotations

import pytest
from cpu_limit import cpu_limit

from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.propose.answers.reading import Edit, Shown, Unusable, read_answer

MOST_CPU_S = 6.0
SMALL = "def first(x):\n    return x + 1\n\n\nclass Shop:\n    def total(self):\n        return 2\n"
LARGE = "".join(f"def f{i}(x):\n    y = x + {i}\n    return y * {i}\n\n" for i in range(700))
WHERE = (
    Shown(parse_module("pkg/a.py", SMALL), ("first",)),
    Shown(parse_module("pkg/b.py", LARGE), ("f1",)),
)


def fenced(code: str) -> str:
    return f"```python\n{code}\n```\n"


def replacing(search: str, replace: str = "    pass") -> str:
    return f"<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n"


HOSTILE = {
    "JSON nested too deeply": '{"a":' + "[" * 100_000,
    "code nested too deeply": fenced("def first(x):\n    return " + "(" * 100_000),
    "a tree too deep to walk": fenced("def first(x):\n    if x: pass\n" + "    elif x: pass\n" * 2900),
    "a null byte": fenced("def first(x):\n    return '\0'"),
    "half a character": fenced("def first(x):\n    return '\ud800'"),
    "half a character to replace": replacing("    return x + 1", "    return '\ud800'"),
    "fences alone": "```\n" * 3000,
    "fences of broken code": "```python\ndef first(x):\n  return (\n```\n" * 740,
    "many ends of one fence": "```python\n" + ("x = " + "1+" * 25 + "\n```\n") * 1499,
    "reasoning without an end": "<think>" * 28_000,
    "reasoning with another end": "<think>a" * 24_000 + "</reasoning>",
    "blanks behind a tag": "<code>\n" + " " * 190_000 + "x",
    "half an elision, often": fenced("def first(x):\n    return x  " + "#rest " * 30_000),
    "a line that goes on for ever": "@x \\\n" * 400,
    "errors at each end": "import a, \\\n" * 2900,
    "a long search": replacing(LARGE[:60_000].replace("x", "z")),
    "a search of like lines": replacing(("    y = x + 1  #" + "aaaa " * 10 + "\n") * 2000),
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_is_read_within_moments(answer: str) -> None:
    with cpu_limit(MOST_CPU_S):
        assert isinstance(read_answer(answer, WHERE), Edit | Unusable)


@pytest.mark.parametrize(
    "path", ["../../etc/x.py", "/etc/x.py", "pkg/../../a.py", "~/.bashrc.py", "a\n.py", "pkg/c.py"]
)
@pytest.mark.parametrize("form", ["fence", "comment", "search", "diff"])
def test_no_path_of_an_answer_is_used(path: str, form: str) -> None:
    code = "def first(x):\n    return x + 2"
    answer = {
        "fence": f"```python {path}\n{code}\n```",
        "comment": fenced(f"# {path}\n{code}"),
        "search": f"{path}\n" + replacing("    return x + 1", "    return x + 2"),
        "diff": f"--- a/{path}\n+++ b/{path}\n@@ -2 +2 @@\n-    return x + 1\n+    return x + 2\n",
    }[form]
    read = read_answer(answer, WHERE)
    assert isinstance(read, Unusable) or read.sources.keys() <= {"pkg/a.py", "pkg/b.py"}
