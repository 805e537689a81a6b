"""Which chips, or positions, does the seed give, of the frame the log had?

The selection is computed here from the log's own frame, the beacon's pulse and the stage's secret; the log
computes it again. The secrets lie in a file that only its owner may read, from the commitment to the draw.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from api.cli.draws.beacons import rules_of
from api.cli.draws.frames import StrataFrame, fetch_frame
from api.cli.draws.planning import PPM
from api.cli.draws.pulses import PulseSource, pulse_of_round
from api.cli.draws.witnessing import commitment_in_log, timely
from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import Ended
from ledger.book.records.inspections import PulseText
from ledger.book.rules.pulses import quote
from ledger.inspection.beacon import verify_pulse
from ledger.inspection.draw import SECRET_BYTES, Ticket, draw_seed
from ledger.inspection.plan import Planned, miss_probability, sentence
from ledger.inspection.vrf import OWN_VRF
from signing.canonical import Unreadable, encode, read_object
from signing.signer import KEY_FILE_MODE, new_seed

PUBLIC_BEACON = "beacon"


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
        """The secrets of this inspection; `Unreadable` where it holds none, `Ended` where it is not there."""
        if not path.exists():
            raise Ended(
                f"{path}, the file of secrets that committing made, is not here",
                "--secret FILE says where it is; without it nothing can be drawn",
            )
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
class Drawn:
    """A draw of one stage: the commitment as the ledger tells it, its frame, the drawn, the body to sign.

    `tickets` are by stratum. `source` is `beacon`, or `own_vrf` where the verifier's own key gave the value.
    """

    inspection: Mapping[str, Any]
    frame: StrataFrame
    tickets: Mapping[str, Sequence[Ticket]]
    body: dict[str, Any]
    source: str

    @property
    def count(self) -> int:
        """How many were drawn."""
        return sum(map(len, self.tickets.values()))

    def rows(self) -> list[dict[str, str]]:
        """The lines of the draw's manifest."""
        return [{self.frame.word: item.chip} for drawn in self.tickets.values() for item in drawn]

    def sample(self) -> list[dict[str, Any]]:
        """What was drawn by stratum and rank, counted from 1 in each, and where each of them is."""
        sites = self.frame.sites_of([item.chip for drawn in self.tickets.values() for item in drawn])
        return [
            {
                "rank": rank,
                self.frame.word: item.chip,
                "stratum": stratum,
                "site": sites[item.chip],
                "ticket": item.ticket.hex(),
            }
            for stratum, drawn in self.tickets.items()
            for rank, item in enumerate(drawn, start=1)
        ]

    def sentences(self) -> Iterator[str]:
        """What was drawn, by whose chance, and what it gives on the frame there really was."""
        told, frame, stage = self.inspection, len(self.frame), self.inspection["stages_drawn"]
        if len(told["stages"]) > 1 or len(self.tickets) > 1 or self.frame.word != "chip":
            which = f"Stage {stage + 1} of {len(told['stages'])}"
            strata = f", in {len(self.tickets)} strata" if len(self.tickets) > 1 else ""
            yield f"{which}: visit {self.count:,} of {frame:,} {self.frame.word}s{strata}."
        else:
            missing, accept = min(told.get("d") or 0, frame), told["stages"][0]["accept"]
            given = Planned(self.count, miss_probability(frame, missing, self.count, accept), None)
            yield sentence(frame, missing, Fraction(told["beta_ppm"], PPM), given, accept=accept)
        if self.source == OWN_VRF:
            yield "Drawn by the verifier's own key, not by a public beacon: the verdict will say so."


def draw_sample(
    client: LedgerClient,
    inspection: str,
    kept: SecretFile,
    source: PulseSource,
    *,
    cosigned: Path | None,
    origin: str,
) -> Drawn:
    """Draw the next stage of a committed inspection; `Ended` where its pulse is not to be had."""
    told = client.get_json(f"/inspections/{inspection}")
    rules, stage = rules_of(client, told["beacon"]), next_stage(told)
    secret = kept.of_stage(told["stages_drawn"], stage["secret_sha256"])
    commitment = commitment_in_log(client, told)
    pulse = pulse_of_round(rules, stage["round"], commitment.leaf, source)
    randomness = verify_pulse(rules.beacon, pulse)
    assert randomness is not None, "a pulse is verified where it is read"
    frame = fetch_frame(client, told)
    body = drawn_body(told, quote(pulse), secret, frame)
    shown = timely(client, rules, told, commitment, cosigned=cosigned, origin=origin)
    if shown is not None:
        body["timely"] = shown
    tickets = select(frame, told, randomness, secret)
    return Drawn(told, frame, tickets, body, OWN_VRF if rules.is_own else PUBLIC_BEACON)


def next_stage(inspection: Mapping[str, Any]) -> Mapping[str, Any]:
    """The stage that is to be drawn; `Ended` where all are."""
    drawn, stages = inspection["stages_drawn"], inspection["stages"]
    if drawn >= len(stages):
        raise Ended(f"every stage of {inspection['inspection']} is drawn", "chipledger show inspection")
    stage: Mapping[str, Any] = stages[drawn]
    return stage


def select(
    frame: StrataFrame, inspection: Mapping[str, Any], randomness: bytes, secret: bytes
) -> Mapping[str, list[Ticket]]:
    """What the next stage draws, by stratum in the commitment's order, and rank."""
    stage = next_stage(inspection)
    seed = draw_seed(
        inspection["beacon"],
        stage["round"],
        randomness,
        bytes.fromhex(inspection["statement"]),
        secret,
    )
    return frame.drawn(seed, stage["sizes"])


def drawn_body(
    inspection: Mapping[str, Any], pulse: PulseText, secret: bytes, frame: StrataFrame
) -> dict[str, Any]:
    """The body of `inspection.drawn`."""
    return {
        "inspection": inspection["inspection"],
        "beacon": inspection["beacon"],
        "round": pulse.round,
        "pulse": pulse,
        "secret": secret.hex(),
        "frame": frame.claim,
    }
