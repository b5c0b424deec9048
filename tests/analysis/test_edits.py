import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracemend.analysis.syntax.edits import (
    OverlappingEdits,
    TextEdit,
    apply_edits,
    edits_overlap,
    unified_diff,
)


def test_offsets_refer_to_the_text_before():
    assert apply_edits("a < b", [TextEdit(4, 5, "c + 1"), TextEdit(2, 3, "<=")]) == "a <= c + 1"


def test_insertions_at_one_place_keep_their_order():
    assert apply_edits("ab", [TextEdit(1, 1, "1"), TextEdit(1, 1, "2")]) == "a12b"


def test_overlapping_edits_are_refused():
    with pytest.raises(OverlappingEdits):
        apply_edits("abc", [TextEdit(0, 2, "x"), TextEdit(1, 3, "y")])


@pytest.mark.parametrize(
    "first, second, overlap",
    [((0, 2), (2, 3), False), ((0, 2), (1, 3), True), ((1, 1), (1, 1), True), ((1, 1), (0, 3), True)],
)
def test_overlap(first, second, overlap):
    assert edits_overlap([TextEdit(*first, "")], [TextEdit(*second, "")]) is overlap


LINES = st.lists(st.sampled_from(["a", "b", " c", "", "é"]), max_size=8)
ENDS = st.sampled_from(["\n", "\r\n"])


@settings(max_examples=30, deadline=None)
@given(LINES, LINES, ENDS, st.booleans(), st.booleans())
def test_git_applies_the_diff(tmp_path_factory, old, new, end, old_final, new_final):
    old_text = end.join(old) + (end if old_final and old else "")
    new_text = end.join(new) + (end if new_final and new else "")
    if not old_text or not new_text:
        return  # Creating and deleting files is not what patches of ours do.
    folder = tmp_path_factory.mktemp("diff")
    (folder / "file.py").write_bytes(old_text.encode())
    diff = unified_diff("file.py", old_text, new_text)
    if diff:
        subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=folder, check=True)
    assert (folder / "file.py").read_bytes() == new_text.encode()
