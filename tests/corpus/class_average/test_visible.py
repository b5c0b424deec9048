from grades import average, best_subject, report


def test_average():
    assert average([1, 2, 2]) == 1.67


def test_report():
    assert report({"maths": [1, 2], "art": [3]}) == "maths 1.5, art 3.0"


def test_report_without_grades():
    assert report({"maths": [1, 2], "art": []}) == "maths 1.5, art -"


def test_best_subject():
    assert best_subject({"maths": [3], "art": [2, 1]}) == "art"
