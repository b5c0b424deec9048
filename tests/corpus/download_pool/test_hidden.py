import asyncio

import pytest
from pool import Pool, download_all


def job(value, steps=1):
    async def work():
        for _ in range(steps):
            await asyncio.sleep(0)
        if isinstance(value, Exception):
            raise value
        return value

    return work


def test_failures_do_not_block_the_others():
    lost, gone = OSError("lost"), ValueError("gone")
    jobs = [job(lost), job(gone), job(3), job(4)]
    assert asyncio.run(download_all(jobs)) == ([3, 4], [lost, gone])
    assert asyncio.run(download_all(jobs, places=1)) == ([3, 4], [lost, gone])


def test_only_failures():
    errors = [KeyError(number) for number in range(4)]
    assert asyncio.run(download_all([job(error) for error in errors], places=1)) == ([], errors)


def test_never_too_many_places():
    pool = Pool(2)
    for value in (1, OSError("x"), 2, OSError("y")):
        if isinstance(value, Exception):
            with pytest.raises(OSError):
                asyncio.run(pool.run(job(value)))
        else:
            assert asyncio.run(pool.run(job(value))) == value
        assert pool.free == 2
    assert pool.most_used == 1


def test_place_is_taken_while_running():
    pool = Pool(1)
    seen = []

    async def look():
        seen.append(pool.free)

    asyncio.run(pool.run(look))
    assert seen == [0]
    assert pool.free == 1


def test_result_none_and_no_jobs():
    assert asyncio.run(Pool(1).run(job(None))) is None
    assert asyncio.run(download_all([])) == ([], [])
