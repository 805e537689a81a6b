"""What is said last when a command fails, and with which exit code does it end?

The sentences are in `endings`, which knows everything that can fail; a command that does not fail never
loads them.
"""

from api.cli.loading import Later

FORESEEN = Later("api.cli.endings", "FORESEEN")
ENDING_OF = Later("api.cli.endings", "ending_of")
SAY_END = Later("api.cli.screen.terminal", "say_end")


def last_words(fault: Exception) -> int | None:
    """Say how it ended; the exit code. None, and nothing said, where nobody foresaw this."""
    if not isinstance(fault, FORESEEN.load()):
        return None
    ended = ENDING_OF.load()(fault)
    SAY_END.load()(ended)
    return int(ended.code)
