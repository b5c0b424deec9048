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


def test_all_succeed():
    assert asyncio.run(download_all([job(1), job(2), job(3)])) == ([1, 2, 3], [])


def test_place_is_free_again():
    pool = Pool(1)
    assert asyncio.run(pool.run(job("a"))) == "a"
    assert pool.free == 1


def test_place_is_free_after_a_failure():
    pool = Pool(1)
    with pytest.raises(OSError):
        asyncio.run(pool.run(job(OSError("lost"))))
    assert pool.free == 1


def test_limit():
    pool = Pool(2)

    async def many():
        await asyncio.gather(*(pool.run(job(number, steps=3)) for number in range(6)))

    asyncio.run(many())
    assert pool.most_used == 2
