"""A pool that grows under work."""

import threading

from models.serving.server.growing_threads import GrowingThreads


def test_what_waits_for_more_threads_than_there_were_is_done():
    threads = GrowingThreads("test")
    together = threading.Barrier(40)
    # The first 32 are all that can wait at once, until there are more.
    before = [threads.submit(together.wait) for _ in range(32)]
    threads.fill(8)
    threads.fill(20)
    after = [threads.submit(together.wait) for _ in range(8)]
    assert sorted(one.result(timeout=60) for one in [*before, *after]) == list(range(40))
    threads.shutdown()
