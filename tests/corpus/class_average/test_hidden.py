from grades import average, best_subject, report


def test_no_grades():
    assert average([]) is None
    assert average(()) is None
    assert report({"a": [], "b": []}) == "a -, b -"


def test_best_subject_skips_ungraded_ones():
    assert best_subject({"a": [], "b": [5]}) == "b"
    assert best_subject({"a": []}) is None
    assert best_subject({}) is None


def test_single_grade():
    assert average([4]) == 4
    assert average([0]) == 0
    assert average([0, 0]) == 0


def test_rounding():
    assert average([1, 1, 2]) == 1.33
    assert average((2, 3)) == 2.5


def test_report_of_nothing():
    assert report({}) == ""
