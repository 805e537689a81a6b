"""Which chips does the seed give, of the frame the log had?

The frame is read from the ledger as it stood just before the commitment and held against the count and root
the ledger gives for it; the selection is computed here. The secret lives in a file that only its owner may
read, from the commitment to the draw.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from api.cli.draws.beacons import pulse_of, rules_of
from api.cli.draws.planning import PPM
from api.cli.remote.client import LedgerClient
from api.cli.remote.reading import asked
from api.cli.screen.terminal import Ended
from ledger.book.records.inspections import PulseText, Stratum
from ledger.book.frame import FrameChip
from ledger.book.rules.frames import strata_frame
from ledger.inspection.beacon import verify_pulse
from ledger.inspection.draw import SECRET_BYTES, Ticket, draw_seed, draw_strata, frame_root
from ledger.inspection.plan import Planned, miss_probability, sentence
from signing.canonical import Unreadable, encode, read_object
from signing.signer import KEY_FILE_MODE, new_seed

HOLDINGS_PER_REQUEST = 1_000


@dataclass(frozen=True, slots=True)
class SecretFile:
    """The secrets of 32 bytes that keep a sample unknown until it is drawn, one a stage, and their file."""

    path: Path
    secrets: tuple[bytes, ...]

    @property
    def sha256s(self) -> tuple[str, ...]:
        """What is committed to, stage by stage."""
        return tuple(sha256(secret).hexdigest() for secret in self.secrets)

    def of_stage(self, stage: int, secret_sha256: str) -> bytes:
        """The secret of a stage, counted from 0; `Unreadable` where it is not the one committed to."""
        if stage >= len(self.secrets) or self.sha256s[stage] != secret_sha256:
            raise Unreadable(str(self.path), f"does not hold the secret that stage {stage + 1} is bound to")
        return self.secrets[stage]

    @staticmethod
    def make(path: Path, inspection: str, stages: int) -> "SecretFile":
        """New secrets for that many stages in a new file, mode 0600; `Ended` where the file is there."""
        secrets = tuple(new_seed() for _ in range(stages))
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEY_FILE_MODE)
        except FileExistsError:
            raise Ended(
                f"{path} is there already", "a secret is never overwritten: choose another name, or --secret"
            ) from None
        with os.fdopen(descriptor, "wb") as file:
            told = {"inspection": inspection, "secrets": [secret.hex() for secret in secrets]}
            file.write(encode(told) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return SecretFile(path, secrets)

    @staticmethod
    def read(path: Path, inspection: str) -> "SecretFile":
        """The secrets of this inspection; `Unreadable` where the file holds none."""
        told = read_object(path.read_bytes(), str(path))
        written = told.get("secrets")
        try:
            secrets = tuple(bytes.fromhex(one) for one in written) if isinstance(written, list) else ()
        except (TypeError, ValueError):
            secrets = ()
        lengths = {len(secret) for secret in secrets}
        if told.get("inspection") != inspection or lengths != {SECRET_BYTES}:
            raise Unreadable(str(path), f"does not hold the secrets of {inspection}")
        return SecretFile(path, secrets)


@dataclass(frozen=True, slots=True)
class Frame:
    """The chips that can be drawn: lines (chip, stratum) by chip, and where each chip is."""

    lines: tuple[tuple[str, str], ...]
    sites: Mapping[str, str | None]

    def count_and_root(self) -> dict[str, Any]:
        """As the draw claims it."""
        return {"count": len(self.lines), "root": frame_root(self.lines).hex()}

    def site_of(self, chip: str) -> str | None:
        """Where the book has the chip."""
        return self.sites.get(chip)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw: the commitment as the ledger tells it, its frame, the drawn chips, and the body to sign."""

    inspection: Mapping[str, Any]
    frame: Frame
    tickets: tuple[Ticket, ...]
    body: dict[str, Any]

    def sample(self) -> list[dict[str, Any]]:
        """The drawn chips by rank, counted from 1, and where each of them is."""
        return [
            {
                "rank": rank,
                "chip": ticket.chip,
                "site": self.frame.site_of(ticket.chip),
                "ticket": ticket.ticket.hex(),
            }
            for rank, ticket in enumerate(self.tickets, start=1)
        ]

    def sentence(self) -> str:
        """What the sample gives on the frame there really was."""
        told, frame, n = self.inspection, len(self.frame.lines), len(self.tickets)
        missing, beta = min(told.get("d") or 0, frame), Fraction(told["beta_ppm"], PPM)
        accept = told["stages"][0]["accept"]
        given = Planned(n, miss_probability(frame, missing, n, accept), None)
        return sentence(frame, missing, beta, given, accept=accept)


def draw_sample(client: LedgerClient, inspection: str, pulse: PulseText, kept: SecretFile) -> Drawn:
    """Draw the next stage of a committed inspection; `Ended` where the pulse is not the one it waits for."""
    told = client.get_json(f"/inspections/{inspection}")
    rules, stage = rules_of(client, told["beacon"]), next_stage(told)
    if pulse.round != stage["round"]:
        raise Ended(f"the pulse is of round {pulse.round}, the commitment names {stage['round']}")
    randomness = verify_pulse(rules.beacon, pulse_of(pulse))
    if randomness is None:
        raise Ended("the pulse does not verify under the beacon's key", "fetch the round again")
    frame = fetch_frame(client, told)
    secret = kept.of_stage(told["stages_drawn"], stage["secret_sha256"])
    tickets = select(frame, told, randomness, secret)
    body = drawn_body(client, told, pulse, secret, frame, witnessed=rules.quorum > 0)
    return Drawn(told, frame, tuple(tickets), body)


def fetch_frame(client: LedgerClient, inspection: Mapping[str, Any]) -> Frame:
    """The frame of a commitment, read chip by chip and held against what the ledger says of the whole."""
    at = inspection["at_index"]
    chips = []
    for prover in inspection["provers"]:
        for item in client.items(f"/parties/{prover}/holdings", asked(at=at, limit=HOLDINGS_PER_REQUEST)):
            chips.append(FrameChip(item["chip"], item["site"], item["model"], item["class"]))
    strata = msgspec.convert(inspection["strata"], list[Stratum])
    chips.sort(key=lambda chip: chip.chip)
    frame = Frame(tuple(strata_frame(chips, strata)), {chip.chip: chip.site for chip in chips})
    written = json.dumps([{k: v for k, v in one.items() if v is not None} for one in inspection["strata"]])
    query = asked(provers=",".join(inspection["provers"]), at=at, strata=written)
    told = client.get_json("/inspections/frame", query)
    if {name: told[name] for name in ("count", "root")} != frame.count_and_root():
        raise Ended("the ledger's frame is not the one its holdings give", "tell the operator, and keep both")
    return frame


def next_stage(inspection: Mapping[str, Any]) -> Mapping[str, Any]:
    """The stage that is to be drawn; `Ended` where all are."""
    drawn, stages = inspection["stages_drawn"], inspection["stages"]
    if drawn >= len(stages):
        raise Ended(f"every stage of {inspection['inspection']} is drawn", "chipledger show inspection")
    stage: Mapping[str, Any] = stages[drawn]
    return stage


def select(frame: Frame, inspection: Mapping[str, Any], randomness: bytes, secret: bytes) -> list[Ticket]:
    """The drawn chips of the next stage, by stratum and rank."""
    stage = next_stage(inspection)
    seed = draw_seed(
        inspection["beacon"],
        stage["round"],
        randomness,
        bytes.fromhex(inspection["statement"]),
        secret,
    )
    names = [stratum["name"] for stratum in inspection["strata"]]
    drawn = draw_strata(seed, frame.lines, dict(zip(names, stage["sizes"], strict=True)))
    return [ticket for name in names for ticket in drawn[name]]


def drawn_body(
    client: LedgerClient,
    inspection: Mapping[str, Any],
    pulse: PulseText,
    secret: bytes,
    frame: Frame,
    *,
    witnessed: bool,
) -> dict[str, Any]:
    """The body of `inspection.drawn`; where the log has witnesses, with proof that they saw it in time."""
    body: dict[str, Any] = {
        "inspection": inspection["inspection"],
        "beacon": inspection["beacon"],
        "round": pulse.round,
        "pulse": pulse,
        "secret": secret.hex(),
        "frame": frame.count_and_root(),
    }
    if witnessed:
        receipt = client.get_json(f"/statements/{inspection['statement']}")
        if receipt.get("status") == "witnessed":
            body["timely"] = {"checkpoint": receipt["checkpoint"], "proof": receipt["proof"]}
    return body
