"""What can this process no longer do, whatever it is talked into?

Called once, after everything it will ever need is open and loaded. From then on it writes to no file,
starts no process, opens no file, has bounded memory and time, and, where it was started by root, no
network and the rights of nobody. Knows nothing of queries.
"""

import ctypes
import os
import pwd
import resource
import signal
from pathlib import Path

NOBODY_UID_DEFAULT = 65_534
ALLOWANCE_BYTES = (
    1 << 30
)  # beside a query's memory: the answer while it is written, and the allocator's slack
CPU_SECONDS_SPARE = 2

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWNET = 0x4000_0000


def confine(*, memory_bytes: int, cpu_seconds: int) -> None:
    """Give up all that is not needed any more. Linux; elsewhere the limits alone."""
    libc = ctypes.CDLL(None)
    if os.geteuid() == 0:
        _call(libc, "unshare", CLONE_NEWNET)  # where it is forbidden, nothing here opens a socket anyway
        _become_nobody()
    _call(libc, "prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Last of the two: changing users clears it. Whoever asked has gone, nobody waits for the answer.
    _call(libc, "prctl", PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_CPU, cpu_seconds + CPU_SECONDS_SPARE)
    _limit(resource.RLIMIT_AS, _address_space() + memory_bytes + ALLOWANCE_BYTES)
    _limit(resource.RLIMIT_NOFILE, _lowest_free_handle())


def _become_nobody() -> None:
    try:
        nobody = pwd.getpwnam("nobody")
        uid, gid = nobody.pw_uid, nobody.pw_gid
    except KeyError:
        uid = gid = NOBODY_UID_DEFAULT
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def _limit(what: int, most: int) -> None:
    """Lower a limit for good; one that is lower already stays."""
    hard = resource.getrlimit(what)[1]
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (allowed, allowed))


def _call(libc: ctypes.CDLL, name: str, *arguments: int) -> None:
    """A call the C library may not have and the system may refuse."""
    function = getattr(libc, name, None)
    if function is not None:
        function(*(ctypes.c_ulong(argument) for argument in arguments))


def _lowest_free_handle() -> int:
    """The number the next file would get: below it all are taken, and no other can be had."""
    handle = os.dup(0)
    os.close(handle)
    return handle


def _address_space() -> int:
    """Bytes of address space in use; most of it is reserved by libraries and never touched."""
    status = Path("/proc/self/statm")
    pages = int(status.read_text().split()[0]) if status.exists() else 0
    return pages * resource.getpagesize()
