"""What shape has each answer?

Pydantic models that describe answers in /openapi.json. Answers are not built from them: they are written by
msgspec from what lookups tell, and a test holds the two against each other.
"""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ledger.book.rejection import Reason

HEX_64 = "a3f1" * 16
EXAMPLE_TIME = "2026-11-21T06:44:00Z"
EXAMPLE_ADMISSION = "2026-11-21T06:44:00.123Z"
EXAMPLE_NOTE = "ledger.example/chips\n1042\nqvBPZ…=\n\n\u2014 ledger.example/chips Az3gr…=\n"
EXAMPLE_VKEY = "ledger.example/chips+033de0ae+AZ…"

Hex64 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=[HEX_64])]
Time = Annotated[str, Field(examples=[EXAMPLE_TIME])]
Admission = Annotated[str, Field(examples=[EXAMPLE_ADMISSION])]
ReasonWord = Annotated[str, Field(json_schema_extra={"enum": [reason.value for reason in Reason]})]
Item = TypeVar("Item", bound=BaseModel)


class Shape(BaseModel):
    """An object of an answer, with no members but those named."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """RFC 9457. `reason` is one of a closed list in order of precedence: the first that applies is given."""

    type: str = Field(examples=["urn:chipledger:refusal:not_held"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    reason: ReasonWord
    detail: str = Field(examples=["manifest line 3: acme does not hold nv-fab:H100-000001"])
    chips: list[str] = Field([], max_length=20, description="up to 20 of the chips concerned")
    count: int | None = Field(None, description="how many chips are concerned")
    refusal: str | None = Field(None, description="id for GET /refusals/{id}")
    refusal_note: dict[str, Any] | None = Field(None, description="DSSE by the log key over the refusal")


class Opened(Shape):
    """A discrepancy that an entry opened."""

    discrepancy: str = Field(examples=["1042.0"])
    kind: str = Field(examples=["extra"])
    counterparty: str | None
    chips: int


class OpenedList(Shape):
    """All that an entry opened, the first twenty told."""

    count: int
    first: list[Opened] = Field(max_length=20)


class Receipt(BaseModel):
    """Proof that a statement is in the log, under a signed checkpoint."""

    index: int = Field(examples=[1041])
    statement: Hex64
    leaf_hash: Hex64
    admitted_at: Admission
    proof: list[Hex64] = Field(description="inclusion proof, nearest sibling first")
    checkpoint: str = Field(description="C2SP signed note", examples=[EXAMPLE_NOTE])
    status: Literal["signed", "witnessed"]
    discrepancies: OpenedList
    envelope: dict[str, Any] | None = Field(None, description="DSSE as stored")


class Would(Shape):
    """What a dry run says."""

    would: Literal["admitted"]
    index_at_least: int
    discrepancies: OpenedList


class AnswerLine(BaseModel):
    """The answer to one NDJSON line."""

    line: int = Field(description="from 1")
    statement: str | None = None
    status: Literal["admitted", "known", "refused"] | None = None
    receipt: Receipt | None = None
    problem: Problem | None = None


class List(Shape, Generic[Item]):
    """Some of a list; ask again with `after` = `next` until that is null."""

    items: list[Item]
    next: str | None


class Challenge(Shape):
    """To be answered once."""

    nonce: str = Field(pattern="^[0-9a-f]{32}$")
    audience: str = Field(description="the log's origin")
    expires_at: Time


class Token(Shape):
    """A bearer token."""

    token: str
    expires_at: Time


class SessionLink(Shape):
    """Where a browser is to be sent, once."""

    path: str
    expires_at: Time


class Proof(Shape):
    """Hashes, hex."""

    proof: list[Hex64]


class Entry(Shape):
    """An entry of the log."""

    entry_index: int
    statement: Hex64
    kind: str = Field(examples=["shipment.dispatched"])
    party: str
    key_id: Hex64
    occurred_at: Time
    admitted_at: Admission
    lag_s: int
    lines: int = Field(description="lines of its manifest")
    leaf_hash: Hex64
    envelope: dict[str, Any]


class CheckpointSize(Shape):
    """A size for which /checkpoints/{size} has a note."""

    size: int = Field(examples=[1042])


class Entries(Shape):
    """Entries the asker may see; `next` is the last one looked at, null at the end; `size` of the log."""

    items: list[Entry]
    next: str | None
    size: int


class Refused(Shape):
    """Why a statement was not admitted, in full."""

    refusal: str
    statement: str
    party: str
    reason: ReasonWord
    detail: str
    chips: list[Any]
    refused_at: Admission
    at_size: int
    refusal_note: dict[str, Any] | None


class Health(Shape):
    """Whether the server can be relied on just now."""

    status: Literal["ok", "failing"]
    faults: list[str] = []
