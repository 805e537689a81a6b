"""What does a person read when a command fails?

Every foreseeable failure as a sentence, what to do about it, and an exit code. Nobody sees a traceback for
something a user, a file or a network can do; what is left is a mistake of ours and passes untouched.
"""

import httpx

from api.cli.remote.client import ProblemAnswer
from api.cli.screen.advice import advice_for
from api.cli.screen.terminal import Ended, wrong_usage
from signing.canonical import Unreadable

FORESEEN = (
    *(Ended, ProblemAnswer, Unreadable, httpx.HTTPError, httpx.InvalidURL),
    *(OSError, RecursionError, UnicodeError),
)


def ending_of(fault: BaseException) -> Ended:
    """How a command ends that failed with one of `FORESEEN`."""
    match fault:
        case Ended():
            return fault
        case ProblemAnswer():
            return Ended(str(fault), _advice(fault))
        case Unreadable():
            return Ended(str(fault))
        case httpx.HTTPError() | httpx.InvalidURL():
            return Ended(f"no answer: {fault}", "is `chipledger serve` running, and is --url its address?")
        case OSError():
            return wrong_usage(f"{fault.filename or 'file'}: {fault.strerror or fault}")
        case RecursionError():
            return Ended("nested too deep to be read")
        case UnicodeError():
            return wrong_usage("what was typed or read is no UTF-8 text", "look for stray bytes in it")
    raise AssertionError(fault)


def _advice(said: ProblemAnswer) -> str:
    if said.status == httpx.codes.UNAUTHORIZED:
        return "say who asks: --party and --key; a key narrowed to kinds or sites signs, and reads nothing"
    if said.status == httpx.codes.NOT_FOUND:
        return "check the name, --at, and who asks (--party and --key)"
    return advice_for(said.reason)
