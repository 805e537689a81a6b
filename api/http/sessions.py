"""How does a browser, which cannot sign, read as a party that can?

Who holds a bearer token asks for a link; the link's code is good once and for two minutes, and whoever opens
it gets a cookie that reads as that party for an hour. The cookie is for pages: it goes with GET alone, no
script sees it (HttpOnly), and no other site's page can have it sent (SameSite=Strict). Nothing is stored:
codes and cookies carry a keyed hash, and only codes that were spent are remembered until they would have
expired. Whether the key still stands is asked of the book at every use, as it is for tokens.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from threading import Lock

import msgspec
from starlette.types import Scope

from api.http.body import header
from api.http.tokens import Bearer

COOKIE = "chipledger"
LINK_SECONDS = 120
SESSION_SECONDS = 3_600
SECRET_BYTES = 32
CODE_RANDOM_BYTES = 8
MAC_BYTES = 32
SEALED_CHARACTERS_MAX = 1_024
LINK, SESSION = b"link", b"session"


class _Claims(msgspec.Struct, array_like=True, frozen=True):
    party: str
    key_id: str
    expires_at: int
    once: str


_read_claims = msgspec.json.Decoder(_Claims).decode


class Sessions:
    """Links and cookies of one process. `now` gives Unix seconds, `random` so many random bytes."""

    def __init__(self, *, now: Callable[[], int], random: Callable[[int], bytes]) -> None:
        self._now = now
        self._random = random
        self._secret = random(SECRET_BYTES)
        self._spent: dict[str, int] = {}  # code -> when it would have expired, oldest first
        self._spending = Lock()

    def code(self, bearer: Bearer) -> tuple[str, int]:
        """A code that opens one session for this party and key, and until when (Unix seconds)."""
        expires_at = self._now() + LINK_SECONDS
        once = self._random(CODE_RANDOM_BYTES).hex()
        return self._sealed(LINK, _Claims(bearer.party, bearer.key_id, expires_at, once)), expires_at

    def enter(self, code: str) -> str | None:
        """The cookie's value for a code, which is spent; None for one that is no code, old, or was used."""
        claims = self._opened(LINK, code)
        if claims is None:
            return None
        now = self._now()
        with self._spending:
            while self._spent and next(iter(self._spent.values())) < now:
                del self._spent[next(iter(self._spent))]
            if claims.once in self._spent:
                return None
            self._spent[claims.once] = now + LINK_SECONDS
        return self._sealed(SESSION, _Claims(claims.party, claims.key_id, now + SESSION_SECONDS, claims.once))

    def bearer(self, cookie: str) -> Bearer | None:
        """Whom a cookie reads as; None where it is none of ours, or has expired."""
        claims = self._opened(SESSION, cookie)
        return None if claims is None else Bearer(claims.party, claims.key_id, claims.expires_at)

    def _sealed(self, purpose: bytes, claims: _Claims) -> str:
        said = msgspec.json.encode(claims)
        return urlsafe_b64encode(said + self._mac(purpose, said)).rstrip(b"=").decode("ascii")

    def _opened(self, purpose: bytes, text: str) -> _Claims | None:
        if not text.isascii() or len(text) > SEALED_CHARACTERS_MAX:
            return None
        try:
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        said, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(purpose, said)):
            return None
        claims = _read_claims(said)
        return claims if self._now() < claims.expires_at else None

    def _mac(self, purpose: bytes, said: bytes) -> bytes:
        return hmac.digest(self._secret, purpose + b"\0" + said, "sha256")


def cookie_of(scope: Scope) -> str | None:
    """The session's cookie that came with a request."""
    told = header(scope, b"cookie")
    if told is None:
        return None
    try:
        found = SimpleCookie(told).get(COOKIE)
    except CookieError:
        return None
    return None if found is None else found.value


def set_cookie(value: str, *, secure: bool) -> str:
    """The header that gives a browser its session; an empty value takes it away."""
    lasts = SESSION_SECONDS if value else 0
    told = f"{COOKIE}={value}; Path=/; Max-Age={lasts}; HttpOnly; SameSite=Strict"
    return told + "; Secure" * secure
