"""Limits how many downloads run at the same time (asyncio)."""

import asyncio


class Pool:
    def __init__(self, places, patience=1000):
        self.places = places
        self.free = places
        self.patience = patience
        self.most_used = 0

    async def _wait_for_place(self):
        for _ in range(self.patience):
            if self.free:
                return
            await asyncio.sleep(0)
        raise RuntimeError("no download has ended for a long time")

    async def run(self, job):
        """Run an async function as soon as there is a place; errors are passed on."""
        await self._wait_for_place()
        self.free -= 1
        self.most_used = max(self.most_used, self.places - self.free)
        try:
            return await job()
        finally:
            self.free += 1


async def download_all(jobs, places=2):
    """(results, errors) of all jobs, each in the order of the jobs."""
    pool = Pool(places)
    outcomes = await asyncio.gather(*(pool.run(job) for job in jobs), return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)], errors
