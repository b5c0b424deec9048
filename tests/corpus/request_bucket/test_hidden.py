from bucket import Bucket


def test_never_more_than_size():
    bucket = Bucket(size=3, rate=10)
    for now in (1, 50, 1000):
        assert [bucket.allow(now) for _ in range(5)] == [True, True, True, False, False]


def test_full_bucket_gains_nothing():
    bucket = Bucket(size=4, rate=1)
    assert bucket.wait_time(10) == 0
    assert bucket.tokens == 4
    bucket.allow(10)
    assert bucket.tokens == 3
    bucket.wait_time(10.5)
    assert bucket.tokens == 3.5
    bucket.wait_time(12)
    assert bucket.tokens == 4


def test_steady_requests():
    bucket = Bucket(size=1, rate=1)
    assert [bucket.allow(now) for now in (0, 1, 1.5, 2, 2.5, 3)] == [True, True, False, True, False, True]


def test_late_start():
    bucket = Bucket(size=1, rate=1, now=100)
    assert bucket.allow(100)
    assert not bucket.allow(100.5)
    assert bucket.wait_time(100.5) == 0.5
