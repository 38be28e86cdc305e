"""A pool that grows under work."""

import threading

from models.serving.server.resizable_thread_pool import ResizableThreadPool


def test_what_waits_for_more_threads_than_there_were_is_done():
    threads = ResizableThreadPool("test")
    together = threading.Barrier(40)
    # The first 32 are all that can wait at once, until there are more.
    before = [threads.submit(together.wait) for _ in range(32)]
    threads.grow_for(8)
    threads.grow_for(20)
    after = [threads.submit(together.wait) for _ in range(8)]
    assert sorted(one.result(timeout=60) for one in [*before, *after]) == list(range(40))
    threads.shutdown()
