"""Who is asking, and can they show the key they claim to have?

A challenge is a nonce that only this process could have made for this party and key; answering it with the
key gives a bearer token of at most ten minutes. Neither is stored: both carry a keyed hash, and only nonces
that were answered well are remembered until they expire, so a flood of challenges takes no memory. Whether
party and key exist shows at no step; whether the key still stands is asked of the book at every use.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

import msgspec

from ledger.book.times import format_seconds
from signing.canonical import Unreadable, decode
from signing.envelope import TOKEN_REQUEST_TYPE, Envelope
from signing.keys import verify

NONCE_RANDOM_BYTES = 4
NONCE_TIME_BYTES = 4
NONCE_MAC_BYTES = 8
SECRET_BYTES = 32
TOKEN_MAC_BYTES = 32
TOKEN_CHARACTERS_MAX = 1_024
REQUEST_FIELDS = {"audience", "nonce", "party"}
# The cost of a signature check is paid for keys nobody has, too: the base point of the curve, a sound key.
NOBODYS_KEY = bytes.fromhex("58" + "66" * 31)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token was given to, by which key, until when (Unix seconds)."""

    party: str
    key_id: str
    expires_at: int


class _Claims(msgspec.Struct, array_like=True, frozen=True):
    party: str
    key_id: str
    expires_at: int


_read_claims = msgspec.json.Decoder(_Claims).decode


class Tokens:
    """Challenges and tokens of one process. `now` gives Unix seconds, `random` so many random bytes."""

    def __init__(
        self,
        audience: str,
        *,
        challenge_seconds: int,
        token_seconds: int,
        now: Callable[[], int],
        random: Callable[[int], bytes],
    ) -> None:
        self._audience = audience
        self._challenge_seconds = challenge_seconds
        self._token_seconds = token_seconds
        self._now = now
        self._random = random
        self._secret = random(SECRET_BYTES)
        self._answered: dict[str, int] = {}  # nonce -> when it expires, oldest first
        self._answering = Lock()  # to look and to spend is one step, whichever threads answer

    def challenge(self, party: str, key_id: str) -> dict[str, str]:
        """A nonce to be answered once by this key for this party, whether or not there are such."""
        expires_at = self._now() + self._challenge_seconds
        head = expires_at.to_bytes(NONCE_TIME_BYTES, "big") + self._random(NONCE_RANDOM_BYTES)
        nonce = (head + self._nonce_mac(head, party, key_id)).hex()
        return {"nonce": nonce, "audience": self._audience, "expires_at": format_seconds(expires_at)}

    def answer(self, envelope: Envelope, public_key: bytes | None) -> Bearer | None:
        """The bearer who answered a challenge; None for every other envelope.

        `public_key` is the one with the envelope's key id, None where nobody has it. Raises `Unreadable`
        for a payload of another shape. A good answer spends the nonce; whether the key still stands for
        the party is for the caller to ask before a token is handed out.
        """
        assert envelope.payload_type == TOKEN_REQUEST_TYPE
        request = decode(envelope.payload, "payload")
        if not isinstance(request, dict) or request.keys() != REQUEST_FIELDS:
            raise Unreadable("payload", "has audience, nonce and party, nothing else")
        if not all(isinstance(value, str) for value in request.values()):
            raise Unreadable("payload", "audience, nonce and party are texts")
        signed = verify(public_key or NOBODYS_KEY, envelope.pae(), envelope.signature)
        party, nonce = request["party"], request["nonce"]
        with self._answering:
            fresh = self._is_fresh(nonce, party, envelope.key_id)
            if not (signed and fresh and public_key is not None and request["audience"] == self._audience):
                return None
            self._answered[nonce] = self._now() + self._challenge_seconds
        return Bearer(party, envelope.key_id, self._now() + self._token_seconds)

    def _is_fresh(self, nonce: str, party: str, key_id: str) -> bool:
        """Made here for this party and key, not expired, not answered before."""
        now = self._now()
        while self._answered and next(iter(self._answered.values())) < now:
            del self._answered[next(iter(self._answered))]
        try:
            octets = bytes.fromhex(nonce)
        except ValueError:
            return False
        head, mac = octets[:-NONCE_MAC_BYTES], octets[-NONCE_MAC_BYTES:]
        ours = hmac.compare_digest(mac, self._nonce_mac(head, party, key_id))
        in_time = int.from_bytes(head[:NONCE_TIME_BYTES], "big") >= now
        return ours and in_time and octets.hex() == nonce and nonce not in self._answered

    def _nonce_mac(self, head: bytes, party: str, key_id: str) -> bytes:
        said = msgspec.json.encode(["nonce", head.hex(), party, key_id])
        return hmac.digest(self._secret, said, "sha256")[:NONCE_MAC_BYTES]

    def token(self, bearer: Bearer) -> dict[str, str]:
        """The token that says so."""
        claims = msgspec.json.encode([bearer.party, bearer.key_id, bearer.expires_at])
        raw = urlsafe_b64encode(claims + self._token_mac(claims)).rstrip(b"=")
        return {"token": raw.decode("ascii"), "expires_at": format_seconds(bearer.expires_at)}

    def bearer(self, token: str) -> Bearer | None:
        """Who was given this token; None when nobody was, or it has expired."""
        if not token.isascii() or len(token) > TOKEN_CHARACTERS_MAX:
            return None
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        claims, mac = raw[:-TOKEN_MAC_BYTES], raw[-TOKEN_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._token_mac(claims)):
            return None
        told = _read_claims(claims)
        return Bearer(told.party, told.key_id, told.expires_at) if self._now() < told.expires_at else None

    def _token_mac(self, claims: bytes) -> bytes:
        return hmac.new(self._secret, b"token" + claims, sha256).digest()
