from alarms import Schedule


def test_due():
    schedule = Schedule()
    schedule.add(9, "tea")
    schedule.add(7, "wake up")
    schedule.add(12, "lunch")
    assert schedule.due(10) == ["wake up", "tea"]


def test_only_once():
    schedule = Schedule()
    schedule.add(7, "wake up")
    schedule.due(8)
    assert schedule.due(9) == []


def test_cancelled():
    schedule = Schedule()
    number = schedule.add(7, "wake up")
    schedule.add(9, "tea")
    schedule.cancel(number)
    assert schedule.due(10) == ["tea"]


def test_waiting():
    schedule = Schedule()
    schedule.add(7, "wake up")
    schedule.cancel(schedule.add(8, "news"))
    assert schedule.waiting() == 1
