from roles import ADMIN, READ, SHARE, WRITE, Rights


def test_grant_and_show():
    assert str(Rights().grant(READ, SHARE)) == "read+share"


def test_revoke_held_right():
    rights = Rights().grant(READ, WRITE).revoke(WRITE)
    assert str(rights) == "read"


def test_revoke_missing_right_changes_nothing():
    rights = Rights().grant(READ).revoke(WRITE)
    assert not rights.allows(WRITE)
    assert str(rights) == "read"


def test_admin_may_do_everything():
    assert Rights().grant(ADMIN).allows(WRITE)


def test_nothing():
    assert str(Rights()) == "none"
