"""Who and what is there in a log made to be measured?

A registrar, a fab, a maker, a verifier, analysts, and holders in families of five, each family spread over
countries. Keys follow from names and times from a first day, so that a log of a size is the same bytes
wherever and whenever it is made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from api.cli.paperwork.signing_desk import Row, proven_key, sign_statement
from ledger.book.times import DAY_SECONDS, format_seconds, parse_seconds
from signing.signer import SeedSigner

ORIGIN = "scale.chipledger.example/log"
FIRST_DAY = parse_seconds("2024-01-01T00:00:00Z", "first day")
VALID_DAYS = 90  # from when it happened to when it may no longer be posted

REGISTRAR, FAB, MAKER, VERIFIER = "registrar", "fab", "maker", "verifier"
HOLDERS = 40
FAMILY = 5  # a head and those below it
COUNTRIES = ("US", "TW", "NO", "SG", "AE", "DE", "JP", "IN", "BR", "FR", "GB", "KR")
MAKER_SITE = f"{MAKER}/plant"
YARD = f"{VERIFIER}/yard"  # where chips are seen that should be elsewhere


@dataclass(frozen=True, slots=True)
class Kind:
    """What a model is listed with; gflops are dense."""

    model: str
    memory_gb: int
    bandwidth_gbps: int
    interconnect_gbps: int
    bf16_gflops: int
    fp8_gflops: int | None
    tpp: int
    die_area_um2: int


# NVIDIA's data sheets and white papers of the H100, H800 and A100; TPP as the export rules reckon it.
KINDS = (
    Kind(f"{REGISTRAR}/h100-sxm", 80, 3_350, 900, 989_400, 1_978_900, 15_831, 814_000_000),
    Kind(f"{REGISTRAR}/h800-sxm", 80, 3_350, 400, 989_400, 1_978_900, 15_831, 814_000_000),
    Kind(f"{REGISTRAR}/a100-sxm-80", 80, 2_039, 600, 312_000, None, 4_992, 826_000_000),
)


def signer_of(party: str) -> SeedSigner:
    """A key that follows from a name: for measurements only."""
    return SeedSigner(sha256(b"chipledger-scale:" + party.encode()).digest())


def holder(number: int) -> str:
    """A holder's id; the first of each family is its head."""
    return f"holder{number % HOLDERS:02d}"


def hall(party: str, number: int) -> str:
    """One of a holder's halls."""
    return f"{party}/hall{number}"


def said(party: str, kind: str, body: object, second: int, rows: Sequence[Row] | None = None) -> bytes:
    """A signed bundle; `second` is when it happened, in Unix seconds."""
    occurred, expires = format_seconds(second), format_seconds(second + VALID_DAYS * DAY_SECONDS)
    bundle = sign_statement(
        signer_of(party), ORIGIN, kind, party, body, rows, occurred_at=occurred, expires_at=expires
    )
    return bundle.raw()


def settings(second: int, halls: int) -> Iterator[bytes]:
    """Everybody, every model, and so many halls of each holder."""
    yield _enrolled(FAB, "fab", "TW", None, second)
    yield _enrolled(MAKER, "maker", "US", None, second)
    yield _enrolled(VERIFIER, "verifier", "GB", None, second)
    for number in range(HOLDERS):
        head = holder(number // FAMILY * FAMILY)
        parent = None if head == holder(number) else head
        yield _enrolled(holder(number), "holder", country_of(number), parent, second)
    for kind in KINDS:
        gflops = {"bf16": kind.bf16_gflops, "fp16": kind.bf16_gflops}
        gflops |= {} if kind.fp8_gflops is None else {"fp8": kind.fp8_gflops}
        body: dict[str, object] = {
            "model": kind.model,
            "vendor": "NVIDIA",
            "part_numbers": [],
            "memory_gb": kind.memory_gb,
            "memory_bandwidth_gbps": kind.bandwidth_gbps,
            "interconnect_gbps": kind.interconnect_gbps,
            "gflops": gflops,
            "tpp": kind.tpp,
            "dies": 1,
            "die_area_um2": kind.die_area_um2,
            "released": "2022-09-20T00:00:00Z",
        }
        yield said(REGISTRAR, "model.listed", body, second)
    yield declared(MAKER, MAKER_SITE, "US", second)
    yield declared(VERIFIER, YARD, "GB", second)
    for number in range(HOLDERS):
        for place in range(halls):
            party = holder(number)
            yield declared(party, hall(party, place), country_of(number), second)


def analyst_enrolled(party: str, second: int) -> bytes:
    """Somebody who only says what they think there is."""
    return _enrolled(party, "analyst", "GB", None, second)


def country_of(number: int) -> str:
    """Where a holder is."""
    return COUNTRIES[number % len(COUNTRIES)]


def _enrolled(party: str, role: str, country: str, parent: str | None, second: int) -> bytes:
    body = {
        "party": party,
        "name": party,
        "roles": [role],
        "country": country,
        "keys": [proven_key(signer_of(party), ORIGIN, party)],
    }
    return said(REGISTRAR, "party.enrolled", body | ({"parent": parent} if parent else {}), second)


def declared(party: str, site: str, country: str, second: int) -> bytes:
    """A place of a party's own."""
    body = {"site": site, "name": site, "country": country, "power_kw": 40_000, "positions": 100_000}
    return said(party, "site.declared", body, second)
