"""How often does the garbage collector look?

Statements make many objects that live as long as their batch, and no cycles: at the interpreter's own
thresholds the collector walks them over and over, for 10 to 20 % of the time of an admission. What was made
before the first statement (modules, classes, plans) lives as long as the process, and need never be walked.
"""

import gc

COLLECTOR_OBJECTS = 100_000
COLLECTOR_YOUNG_PASSES = 50
COLLECTOR_OLD_PASSES = 100


def look_seldom() -> None:
    """Have the collector look seldom."""
    gc.set_threshold(COLLECTOR_OBJECTS, COLLECTOR_YOUNG_PASSES, COLLECTOR_OLD_PASSES)


def calm_collector() -> None:
    """Have the collector look seldom, and not at what is there now. Once a process."""
    if gc.get_freeze_count() == 0:
        gc.collect()
        gc.freeze()
    look_seldom()


def release_collector() -> None:
    """Have it look at everything: what is collected at a process's end is told apart from what leaked."""
    gc.unfreeze()
