"""Which private keys did the operator give the log?

`log.key`, and beside it every other `log.<word>.key`: the next one, before `log.changed` may name it, and
after that the former one, which goes on signing. What a file is called says nothing of what its key is for:
that is in the log. Knows no log.
"""

from ledger.folder import LedgerFolder
from signing.signer import Signer, read_key_file


def read_log_keys(folder: LedgerFolder, password: bytes | None) -> list[Signer]:
    """The signers, that of `log.key` first; one password opens all. As `read_key_file` raises."""
    others = sorted(folder.path.glob(folder.OTHER_LOG_KEYS))
    return [read_key_file(path, password) for path in (folder.log_key, *others)]
