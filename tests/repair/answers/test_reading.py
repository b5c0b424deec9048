"""Answers as single people and models wrote them, and those that must not be applied."""

import textwrap

import pytest

from tracemend.analysis.syntax.edits import unified_diff
from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.propose.answers.reading import Edit, Shown, Unusable, read_answer

STACK = textwrap.dedent("""\
    import os
    from typing import Any


    class Empty(Exception):
        pass


    class Stack:
        def __init__(self):
            self._items = []

        def push(self, item):
            self._items.append(item)

        def pop(self):
            # The last one.
            return self._items[0]

        def __len__(self): return len(self._items)


    class Queue:
        def push(self, item):
            self.items.append(item)


    def drain(stack):
        while len(stack) > 0:
            stack.pop()
            stack.pop()
""")
QUALNAMES = ("Stack.pop", "Stack.push", "drain")


def read(answer, names=QUALNAMES, text=STACK):
    return read_answer(textwrap.dedent(answer), [Shown(parse_module("stack.py", text), names, (text,))])


def changed(answer, **options):
    """Return the lines that an answer takes away and adds."""
    result = read(answer, **options)
    assert isinstance(result, Edit), result.feedback
    old = options.get("text", STACK)
    diff = unified_diff("stack.py", old, result.sources["stack.py"], 0).splitlines()
    return [line for line in diff[2:] if not line.startswith("@@")]


POP = ["-        return self._items[0]", "+        return self._items[-1]"]

APPLIED = {
    "a chatty model": """
        You're absolutely right! The problem is in `pop`: it returns the first item, **not** the last one.

        ### Fix

        ```python
        def pop(self):
            return self._items[-1]  # the last one
        ```

        ### Why it works
        - `-1` is the last index.
    """,
    "a reasoning model that was cut in its thoughts": """
        <think>The user wants LIFO. `self._items[0]` is the first. Let me write it.
        ```python
        class Stack:
            def pop(self):
                return self._items[-1]
        ```
    """,
    "a step by step answer with the method at another depth": """
        Step 1: find the bug. Step 2: fix it.

                def pop(self):
                    return self._items[-1]
    """,
    "a class with only the changed method and dots for the others": """
        ```python
        class Stack:
            # ... existing code ...

            def pop(self):
                return self._items[-1]

            # ... rest of the class unchanged ...
        ```
    """,
    "an edit block without its file": """
        <<<<<<< SEARCH
                return self._items[0]
        =======
                return self._items[-1]
        >>>>>>> REPLACE
    """,
    "an edit block that lost its indentation": """
        stack.py
        ```python
        <<<<<<< SEARCH
        # The last one.
        return self._items[0]
        =======
        # The last one.
        return self._items[-1]
        >>>>>>> REPLACE
        ```
    """,
    "a diff with invented line numbers": """
        ```diff
        --- stack.py
        +++ stack.py
        @@ -3,7 +3,7 @@ class Stack:
             def pop(self):
                 # The last one.
        -        return self._items[0]
        +        return self._items[-1]
        ```
    """,
    "a type-annotated rewrite in a class of its own": """
        ```py
        from typing import Any

        class Stack:
            def pop(self):
                # The last one.
                return self._items[-1]
        ```
        Note: I did not change anything else.
    """,
}


@pytest.mark.parametrize("kind", APPLIED)
def test_applied(kind):
    assert [line.partition("  #")[0] for line in changed(APPLIED[kind])] == POP


SUFFIX = textwrap.dedent("""\
    class Number:
        def suffix(self, number):
            number = abs(int(number))  # Of either sign.
            if number > 9: raise ValueError('too much')
            return {
                1: 'st',
                2: 'nd',
            }.get(number % 10, 'th')
""")
REWORDED = {
    "other quotes, brackets and line breaks": (
        """
        number = (abs(int(number)))
        if number > 9:
            raise ValueError("too much")
        if number == 3:
            return "rd"
        return {1: "st", 2: "nd"}.get(number % 10, "th")
        """,
        ["-        if number > 9: raise ValueError('too much')", "+        if number > 9:",
         "+            raise ValueError('too much')", "+        if number == 3:", '+            return "rd"'],
    ),
    "what stands deeper now": (
        """
        number = abs(int(number))
        if number > 9: raise ValueError("too much")
        if number:
            return {1: "st", 2: "nd"}.get(number % 10, "th")
        return ""
        """,
        ["-        return {", "-            1: 'st',", "-            2: 'nd',", "-        }.get(number % 10, 'th')",
         "+        if number:", '+            return {1: "st", 2: "nd"}.get(number % 10, "th")', '+        return ""'],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", REWORDED)
def test_what_is_only_worded_otherwise_stays_as_it_was(kind):
    body, lines = REWORDED[kind]
    answer = (
        f"```python\ndef suffix(self, number):\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n```"
    )
    assert changed(answer, names=("Number.suffix",), text=SUFFIX) == lines


REFUSED = {
    "nothing": ("", "empty"),
    "an apology": ("I'm sorry, I can't help with that.", "no definition"),
    "an abbreviated function": (
        "```python\nclass Stack:\n    def pop(self):\n        # ... existing code ...\n        return 1\n```",
        "abbreviated",
    ),
    "a method of two classes": ("```python\ndef push(self, item):\n    self.items += [item]\n```", "inside its class"),
    "the same again": ("```python\ndef drain(stack):\n    while len(stack) > 0:\n        stack.pop()\n        stack.pop()\n```", "changes nothing"),
    "another name": ("```python\ndef drained(stack):\n    return []\n```", "if you mean `drain`"),
    "a syntax error": ("```python\ndef drain(stack):\n    while len(stack) > 0\n        stack.pop()\n```", "expected ':', at the line `while len(stack) > 0`"),
    "lines that stand twice": ("<<<<<<< SEARCH\n        stack.pop()\n=======\n        pass\n>>>>>>> REPLACE", "stand 2 times"),
    "lines that do not stand there": (
        "<<<<<<< SEARCH\n    def pop(self):\n        return self._items[1]\n=======\n    return None\n>>>>>>> REPLACE",
        "The nearest lines there are:",
    ),
    "lines that were replaced already": ("<<<<<<< SEARCH\n    gone = 1\n=======\n        return self._items[0]\n>>>>>>> REPLACE", "REPLACE lines already"),
    "nothing to search for": ("<<<<<<< SEARCH\n=======\nimport sys\n>>>>>>> REPLACE", "empty"),
    "a replacement that does not parse": ("<<<<<<< SEARCH\n        return self._items[0]\n=======\n        return self._items[\n>>>>>>> REPLACE", "does not parse"),
    "a shell command": ("```bash\nrm -rf /\n```", "no definition"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_certain_is_told_to_the_model(kind):
    answer, told = REFUSED[kind]
    result = read(answer, names=("drain",) if "push" not in answer else ("Stack.push", "Queue.push"))
    assert isinstance(result, Unusable)
    assert told in result.feedback


def test_of_equal_lines_those_that_were_shown_are_meant():
    text = "def a():\n    x = 1\n    return x\n\n\ndef b():\n    x = 1\n    return x\n"
    part = "def b():\n    x = 1\n    return x"
    answer = "<<<<<<< SEARCH\n    x = 1\n=======\n    x = 2\n>>>>>>> REPLACE"
    result = read_answer(answer, [Shown(parse_module("m.py", text), ("b",), (part,))])
    assert isinstance(result, Edit)
    assert result.sources["m.py"] == text.replace("def b():\n    x = 1", "def b():\n    x = 2")


def test_two_files_change_in_one_answer():
    files = [
        Shown(parse_module(f"pkg/{name}.py", f"def {name}():\n    return 1\n"), (name,)) for name in "ab"
    ]
    answer = "pkg/a.py\n```python\ndef a():\n    return 2\n```\nb.py\n```python\ndef b():\n    return 3\n```"
    result = read_answer(answer, files)
    assert isinstance(result, Edit)
    assert result.sources == {"pkg/a.py": "def a():\n    return 2\n", "pkg/b.py": "def b():\n    return 3\n"}


@pytest.mark.parametrize(
    "path", ["/etc/passwd.py", "../secret.py", "conftest.py", "test_stack.py", "setup.py"]
)
def test_a_file_that_was_not_shown_is_never_written(path):
    answer = f"{path}\n```python\ndef drain(stack):\n    return None\n\ndef evil():\n    pass\n```"
    result = read(answer)
    assert isinstance(result, Edit)
    assert set(result.sources) == {"stack.py"}
    assert "evil" not in result.sources["stack.py"]


def test_tabs_of_the_file_are_kept():
    text = "def f(x):\n\tif x:\n\t\treturn 1\n\treturn 2\n"
    answer = "```python\ndef f(x):\n    if not x:\n        return 1\n    return 2\n```"
    result = read_answer(answer, [Shown(parse_module("m.py", text), ("f",))])
    assert isinstance(result, Edit)
    assert result.sources["m.py"] == text.replace("if x", "if not x")


def test_a_constant_and_a_new_field_of_a_class_are_placed():
    text = "LIMIT = 3\n\n\nclass A:\n    x = 1\n\n    def f(self):\n        return LIMIT\n"
    answer = (
        "```python\nLIMIT = 4\n\nclass A:\n    y = 2\n    def f(self):\n        return LIMIT + self.y\n```"
    )
    result = read_answer(answer, [Shown(parse_module("m.py", text), ("A.f",))])
    assert isinstance(result, Edit)
    assert result.sources["m.py"] == (
        "LIMIT = 4\n\n\nclass A:\n    y = 2\n    x = 1\n\n    def f(self):\n        return LIMIT + self.y\n"
    )


def test_endless_answers_take_no_endless_time():
    assert isinstance(read("def f(:\n" * 20_000), Unusable)
    assert isinstance(read("```python\n" + "x = (\n" * 20_000), Unusable)
