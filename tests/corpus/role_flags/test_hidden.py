from roles import ADMIN, READ, SHARE, WRITE, Rights


def test_revoking_twice():
    rights = Rights().grant(READ, WRITE)
    assert rights.revoke(WRITE).revoke(WRITE).bits == READ
    assert rights.revoke(READ, READ).bits == 0


def test_revoking_from_nothing():
    assert Rights().revoke(READ, WRITE, SHARE, ADMIN).bits == 0
    assert Rights().revoke().bits == 0


def test_revoking_everything():
    assert Rights(15).revoke(READ, WRITE, SHARE, ADMIN).bits == 0
    assert Rights(15).revoke(READ).bits == 14
    assert Rights(15).revoke(ADMIN, SHARE).bits == 3


def test_combined_mask():
    assert Rights(READ | WRITE).revoke(WRITE | SHARE).bits == READ
    assert Rights(READ).allows(READ | WRITE) is False
    assert Rights(READ | WRITE).allows(READ | WRITE) is True


def test_grant_is_idempotent():
    assert Rights(READ).grant(READ, READ).bits == READ
