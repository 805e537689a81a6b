"""Is a piece of work done in the time it may take, on whatever machine this is?

Bounds are in seconds of a processor, as the machine they were written on counts them; a fixed piece of work,
done just before, says how much slower this one is here and now. Wall clocks are not looked at: others use the
machine too.
"""

from time import process_time

STEPS = 400_000
REFERENCE_SECONDS = 0.025  # that many steps, where the bounds were written
ROUNDS = 3  # one that is quick enough will do


def slowness():
    """How many times as long as there a fixed piece of work takes here; 1 at least."""
    kept, value, began = {}, 0, process_time()
    for step in range(STEPS):
        kept[step & 4095] = value
        value = (value * 31 + step) % 1_000_003
    return max(1.0, (process_time() - began) / REFERENCE_SECONDS)


def in_time(work, seconds, rounds=ROUNDS):
    """What the work gives, done within so many seconds once in so many rounds."""
    took = []
    for _ in range(rounds):
        slower, began = slowness(), process_time()
        result = work()
        took.append((process_time() - began) / slower)
        if took[-1] < seconds:
            return result
    raise AssertionError(f"{seconds} s allowed, took {took}")
