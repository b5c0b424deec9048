"""Broken and newer text: what is read of it, and that what is lost is said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from symbol_check import summary_of

from tracemend.analysis.symbols.summarize import summarize
from tracemend.analysis.symbols.tolerant import parse_tolerantly

NEWER_SYNTAX = {
    "def f[T: int](x: T) -> T: return x\nclass C[T]: pass\nlast = 1": "C f last",
    "type Pair[T] = tuple[T, T]\nlast = 1": "Pair last",
    "type Name = int\nlast = 1": "Name last",
    'a = f"{x["y"]}"\nlast = 1': "a last",
    'a = f"{\n x["y"]\n}"\nlast = 1': "a last",
}


@pytest.mark.parametrize("code", NEWER_SYNTAX)
def test_newer_syntax_is_read_whatever_python_runs_tracemend(code):
    summary = summary_of(code)
    assert sorted(summary.names) == NEWER_SYNTAX[code].split()
    assert summary.dynamic == ()
    (last,) = summary.names["last"]
    assert last.line == code.count("\n") + 1


BROKEN = {
    "a = 1\nb = (\nc = 3\n": "a",
    "def f():\n x = [1,\n\ndef g(): pass\n": "f",
    "def f(x:\n pass\ndef g(): pass\n": "g",
    "x = 1 +\nclass C:\n def m(self): pass\n": "C",
    "class C:\n def m(self):\n  self.\n def n(self): pass\nlast = 1": "C last",
    "if x\n a = 1\nb = 2\n": "a b",
    "  a = 1\nb = 2\n": "b",
    "s = 'open\nb = 2\n": "b",
}


@pytest.mark.parametrize("code", BROKEN)
def test_what_stands_around_a_broken_place_is_read(code):
    summary = summary_of(code)
    assert set(BROKEN[code].split()) <= set(summary.names)
    assert summary.dynamic == ("syntax",)


def test_a_header_without_a_body_loses_nothing():
    summary = summary_of("class C:\n def m(self):\n\ndef f():\n")
    assert sorted(summary.names) == ["C", "f"]
    assert sorted(summary.names["C"][0].members) == ["m"]
    assert summary.dynamic == ()


def test_only_the_class_around_one_broken_line_is_open():
    summary = summary_of("class A:\n def m(self):\n  x = self.\n  return x\nclass B:\n def n(self): pass\n")
    assert summary.names["A"][0].dynamic == ("syntax",)
    assert summary.names["B"][0].dynamic == ()


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="abc \n\t:=()[]{}'\"\\#.,@*0fr|\0é\r\f", max_size=60))
def test_any_text_gives_a_summary(text):
    summary = summarize(text)
    assert all(isinstance(name, str) for name in summary.names)


@settings(max_examples=80, deadline=None)
@given(st.integers(min_value=0, max_value=400))
def test_any_cut_of_a_program_keeps_its_lines(cut):
    text = (PROGRAM * 2)[:cut]
    parsed = parse_tolerantly(text)
    assert parsed.text.count("\n") == text.count("\n")


PROGRAM = '''
class Cart:
    """Holds items."""
    def total(self, *, tax: float = 1.2) -> float:
        prices = [f"{item["price"]:.2f}" for item in self.items]
        if not prices:
            return 0.0
        return sum(prices) * tax  # gross
'''
