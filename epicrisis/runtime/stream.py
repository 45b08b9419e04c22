"""A stream cut into works, which threads take, and whose results come in the stream's order and in constant memory."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def works(
    stream: Iterable[Item], size: Callable[[Item], int], most: int, failures: list[Exception]
) -> Iterator[list[Item]]:
    """Stretches of the stream of at least `most` in size, but the last.

    Where the stream fails (the caller's iterator does), it ends, and what it gave is not lost.
    """
    work: list[Item] = []
    held = 0
    try:
        for item in stream:
            work.append(item)
            held += size(item)
            if held >= most:
                yield work
                work, held = [], 0
    except Exception as error:
        failures.append(error)
    if work:
        yield work


def in_order(
    find: Callable[[list[Item]], Result], found: Iterator[list[Item]], threads: int
) -> Iterator[tuple[list[Item], Result]]:
    """Each work and what was found in it, in order; no more than a few works are held at a time."""
    begun = list(islice(found, 2))
    if threads == 1 or len(begun) < 2:  # too little for a second thread to be worth its start
        yield from ((work, find(work)) for work in chain(begun, found))
        return
    # No `with`: its end would wait for the threads, and a generator may be closed by the garbage collector in one.
    pool = ThreadPoolExecutor(threads, thread_name_prefix="epicrisis")
    pending: deque[tuple[list[Item], Future[Result]]] = deque()
    try:
        for work in chain(begun, found):
            pending.append((work, pool.submit(find, work)))
            if len(pending) > threads + 1:
                done, future = pending.popleft()
                yield done, future.result()
        while pending:
            done, future = pending.popleft()
            yield done, future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
