"""Under which key is this log believed?

The one a person tells, as such or in a file; or, said aloud by whoever asks for it, the one the server tells.
"""

from pathlib import Path

from api.cli.remote.client import LedgerClient, ProblemAnswer
from api.cli.screen.terminal import wrong_usage
from signing.note import VerifierKey, parse_vkey

LOG_KEY_BYTES_MAX = 1_024


def read_log_key(text: str) -> VerifierKey:
    """A verifier key, given as such or as the name of a file that holds it."""
    path = Path(text)
    if "+" not in text or path.is_file():
        raw = path.read_bytes()[:LOG_KEY_BYTES_MAX]
        text = raw.decode("utf-8", "replace").strip()
    return parse_vkey(text)


def server_key(client: LedgerClient) -> VerifierKey:
    """The log's key as the server tells it."""
    try:
        told = client.get("/log.vkey").text.strip()
    except ProblemAnswer:
        raise wrong_usage(
            "this server does not tell its log key", "ask the operator for the vkey and give it as --log-key"
        ) from None
    return parse_vkey(told)
