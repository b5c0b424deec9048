import textwrap

import pytest

from tracemend.repair.elsewhere import Say
from tracemend.repair.explain.evidence import DiagnosticsDelta, Falsification
from tracemend.repair.judge.antipatterns import find_antipatterns
from tracemend.repair.judge.diagnostics import diagnostics_delta
from tracemend.repair.judge.ranking import LUCKY_AFTER, doubts_about
from tracemend.repair.judge.verdicts import Verdict, take_observation
from tracemend.repair.patch import FileChange, Origin, Patch, merge_patches, rebase_patch
from tracemend.repair.runner.observations import CallOutcome, FunctionName, Observation, ObservedInput
from tracemend.repair.search.candidates import Candidate
from tracemend.repair.search.search import Plausible

OLD = textwrap.dedent("""\
    def f(xs, n):
        if n < 0:
            raise ValueError(n)
        for x in xs:
            n = n + x
        return n
""")


def patch(new, old=OLD, path="m.py"):
    return Patch((FileChange(path, old, new),), Origin("templates", "test", "does it", ((path, 1),)))


@pytest.mark.parametrize(
    "old, new, name",
    [
        ("    if n < 0:\n        raise ValueError(n)\n", "", "deletes-logic"),
        ("if n < 0:", "if True:", "constant-condition"),
        ("if n < 0:", "if n < 0 or True:", "constant-condition"),
        ("if n < 0:", "if n == n:", "constant-condition"),
        ("if n < 0:", "if len(xs) >= 0:", "constant-condition"),
        ("    for x", "    if xs == [3, 4]:\n        return 7\n    for x", "special-case"),
        ("return n", "return 17", "returns-expected"),
        ("    for x in xs:\n        n = n + x\n", "    try:\n        n = sum(xs)\n    except Exception:\n        n = 0\n", "catches-everything"),
        ("    for x in xs:\n        n = n + x\n", "    try:\n        n = sum(xs)\n    except TypeError:\n        pass\n", "silences"),
        ("    for x", "    return n\n    for x", "dead-code"),
        ("in xs", "in range(n)", "drops-parameter"),
        ("n + x", "n + x * 37", "invents-constant"),
        ("n + x", 'n + x + len("abcd")', "invents-constant"),
        ("in xs", 'in xs or ("read",)', "enumerates-test"),
    ],
)  # fmt: skip
def test_antipatterns(old, new, name):
    assert name in {
        one.name
        for one in find_antipatterns(patch(OLD.replace(old, new)), ["[3, 4]", "17", "0", "'read it'"])
    }


@pytest.mark.parametrize(
    "old, new",
    [
        ("n < 0", "n <= 0"),
        ("return n", "return 0"),
        ("    for x", "    if not xs:\n        return 0\n    for x"),
        ("    for x", "    if n == 0:\n        return 0\n    for x"),
        ("n = n + x", "n += abs(x)"),
        ("n + x", "n + x * 4"),
        ("n < 0", "n < -4"),
        ("raise ValueError(n)", 'raise ValueError("no such thing: 99")'),
    ],
)
def test_ordinary_edits_show_no_antipattern(old, new):
    assert find_antipatterns(patch(OLD.replace(old, new)), ["[3, 4]", "17", "0", "'read it'"]) == ()


def test_the_linter_reports_only_what_is_new():
    delta = diagnostics_delta(patch(OLD.replace("return n", "return m")))
    assert [text for text in delta.added if "F821" in text]
    assert diagnostics_delta(patch(OLD.replace("n < 0", "n <= 0"))).added == ()


def test_patches_of_one_file_merge_when_they_lie_apart():
    first, second = patch(OLD.replace("n < 0", "n <= 0")), patch(OLD.replace("return n", "return -n"))
    merged = merge_patches([first, second])
    assert merged is not None
    assert merged.changes[0].new == OLD.replace("n < 0", "n <= 0").replace("return n", "return -n")


def test_patches_of_the_same_line_do_not_merge():
    assert (
        merge_patches([patch(OLD.replace("n < 0", "n <= 0")), patch(OLD.replace("n < 0", "n < 1"))]) is None
    )


def test_patches_of_two_files_merge():
    merged = merge_patches([patch("x = 2\n", "x = 1\n", "a.py"), patch("y = 2\n", "y = 1\n", "b.py")])
    assert merged is not None
    assert {one.path: one.new for one in merged.changes} == {"a.py": "x = 2\n", "b.py": "y = 2\n"}


def test_the_same_change_in_two_patches_counts_once():
    small = OLD.replace("n < 0", "n <= 0")
    merged = merge_patches([patch(small), patch(small.replace("return n", "return -n"))])
    assert merged is not None
    assert merged.changes[0].new == small.replace("return n", "return -n")


def test_a_patch_on_top_of_another_is_shown_from_the_start():
    ground = patch(OLD.replace("n < 0", "n <= 0"))
    above = patch(ground.changes[0].new.replace("return n", "return -n"), old=ground.changes[0].new)
    (change,) = rebase_patch(above, ground).changes
    assert (change.old, change.new) == (OLD, above.changes[0].new)


def test_a_patch_of_which_nothing_was_measured_behaves_like_no_other():
    plausible = Plausible(Candidate((), 1.0), ("t",), 0, 2, 0.0)
    first, second, unmeasured = (Verdict(plausible, (), DiagnosticsDelta()) for _ in range(3))
    same, nothing = CallOutcome("value", "1", "returns 1"), CallOutcome("unsupported", "", "not installed")
    one = ObservedInput(0, FunctionName("m.py", "f"), "passing", "f(1)")
    rows = ((same,), (same,), (same,), (nothing,))
    take_observation([first, second, unmeasured], Observation((one,), rows))
    assert first.behaves_like(second) and not first.shows
    assert not unmeasured.behaves_like(first) and not first.behaves_like(unmeasured)


def doubts_after(tried, mended):
    plausible = Plausible(Candidate((), 1.0), mended, 0, 2, 0.0, tried)
    return [one for one in doubts_about(Verdict(plausible, (), DiagnosticsDelta()), ()) if "by chance" in one]


def test_a_patch_found_after_hundreds_of_others_may_have_passed_by_chance():
    assert not doubts_after(LUCKY_AFTER, ("t",))
    assert doubts_after(LUCKY_AFTER + 1, ("t",))
    assert not doubts_after(LUCKY_AFTER + 1, ("t", "u"))


@pytest.mark.parametrize(
    "elsewhere, doubted",
    [
        (None, True),
        (Say(passed=200), True),
        (Say(passed=200, witnesses=1), False),
    ],
)
def test_who_executes_the_patch_beyond_the_selection_is_a_witness_too(elsewhere, doubted):
    plausible = Plausible(Candidate((), 1.0), ("t::a",), 0, witnesses=1, seconds=0.0)
    found = doubts_about(Verdict(plausible, (), DiagnosticsDelta(), elsewhere=elsewhere), ())
    assert ("only one test executes what the patch changes" in found) == doubted


@pytest.mark.parametrize(
    "inputs, shows, rivals, doubted",
    [
        (1, True, 1, True),
        (2, True, 3, True),
        (3, True, 1, False),
        (9, False, 1, True),
        (1, False, 0, False),
        (9, False, 0, False),
    ],
)
def test_patches_that_were_compared_on_next_to_nothing_do_not_agree(inputs, shows, rivals, doubted):
    def verdict():
        part, tried = Plausible(Candidate((), 1.0), ("t::a",), 4, 5, 0.0), Falsification(inputs)
        return Verdict(part, (), DiagnosticsDelta(), falsification=tried, shows=shows, variant=1)

    best = verdict()
    found = doubts_about(best, [best, *(verdict() for _ in range(rivals))])
    assert any("tell them apart" in one or "shows what it changes" in one for one in found) == doubted
