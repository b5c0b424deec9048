from mails import Mail, Mailbox


def spam(count):
    return [Mail("spam", str(number)) for number in range(count)]


def test_all_are_swept():
    for count in range(6):
        box = Mailbox(spam(count))
        assert box.sweep("spam") == count
        assert box.mails == []
        assert box.trash == spam(count)


def test_only_this_sender():
    mails = [Mail("a", "1"), Mail("b", "2"), Mail("b", "3"), Mail("a", "4")]
    box = Mailbox(mails)
    assert box.sweep("b") == 2
    assert box.mails == [Mail("a", "1"), Mail("a", "4")]
    assert box.trash == [Mail("b", "2"), Mail("b", "3")]


def test_starred_between():
    star = Mail("a", "2", starred=True)
    box = Mailbox([Mail("a", "1"), star, Mail("a", "3"), Mail("a", "4")])
    assert box.sweep("a") == 3
    assert box.mails == [star]


def test_equal_mails():
    box = Mailbox([Mail("a", "x")] * 4)
    assert box.sweep("a") == 4
    assert box.mails == []


def test_sweep_and_restore():
    box = Mailbox(spam(3))
    box.sweep("spam")
    assert box.sweep("spam") == 0
    box.restore()
    assert box.mails == spam(3)
    assert box.trash == []
