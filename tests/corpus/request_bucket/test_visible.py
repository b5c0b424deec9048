from bucket import Bucket


def test_burst():
    bucket = Bucket(size=2, rate=1)
    assert [bucket.allow(0) for _ in range(3)] == [True, True, False]


def test_refill():
    bucket = Bucket(size=1, rate=2)
    assert bucket.allow(0)
    assert not bucket.allow(0.25)
    assert bucket.allow(0.5)


def test_long_pause():
    bucket = Bucket(size=2, rate=1)
    assert [bucket.allow(100) for _ in range(3)] == [True, True, False]


def test_wait_time():
    bucket = Bucket(size=1, rate=0.5)
    bucket.allow(0)
    assert bucket.wait_time(0) == 2
