from alarms import Schedule


def schedule(*times):
    result = Schedule()
    return result, [result.add(time, f"t{time}") for time in times]


def test_all_cancelled():
    subject, numbers = schedule(3, 1, 2)
    for number in numbers:
        subject.cancel(number)
    assert subject.waiting() == 0
    assert subject.due(9) == []
    assert subject.waiting() == 0


def test_waiting_after_due():
    subject, numbers = schedule(1, 2, 3)
    subject.cancel(numbers[0])
    assert subject.due(2) == ["t2"]
    assert subject.waiting() == 1
    assert subject.due(3) == ["t3"]
    assert subject.waiting() == 0


def test_same_text_and_time():
    subject, numbers = schedule(5, 5, 5)
    subject.cancel(numbers[1])
    assert subject.due(5) == ["t5", "t5"]


def test_future_alarm_is_cancelled():
    subject, numbers = schedule(1, 8)
    subject.cancel(numbers[1])
    assert subject.due(4) == ["t1"]
    assert subject.due(9) == []


def test_order():
    subject = Schedule()
    for time, text in [(2, "b"), (1, "z"), (2, "a")]:
        subject.add(time, text)
    assert subject.due(2) == ["z", "b", "a"]
    assert subject.due(2) == []
