"""Which words of EPCIS 2.0, CBV 2.0 and our own extension are spoken here?

Spellings of one word (bare, URN, web vocabulary, CURIE) become one. The extension says what GS1 has no words
for: a term of NAMESPACE on the event. Knows no event and no statement.
"""

from typing import Any

NAMESPACE = "https://chipledger.example/ns/"
PREFIX = "chip"
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
CBV_PREFIXES = (
    *("urn:epcglobal:cbv:bizstep:", "https://ref.gs1.org/cbv/BizStep-", "cbv:BizStep-"),
    *("urn:epcglobal:cbv:disp:", "https://ref.gs1.org/cbv/Disp-", "cbv:Disp-"),
    *("urn:epcglobal:cbv:btt:", "https://ref.gs1.org/cbv/BTT-", "cbv:BTT-"),
    *("urn:epcglobal:cbv:sdt:", "https://ref.gs1.org/cbv/SDT-", "cbv:SDT-"),
    *("urn:epcglobal:cbv:er:", "https://ref.gs1.org/cbv/ER-", "cbv:ER-"),
)

COMMISSIONING = frozenset({"commissioning", "encoding"})
ENDING = frozenset({"destroying", "decommissioning", "killing"})
COUNTING = frozenset({"stock_taking", "cycle_counting"})
STANDING = frozenset({"storing", "stocking"})
PACKING = frozenset({"packing", "unpacking", "repackaging", "loading", "unloading", "staging_outbound"})
SHIPMENT_PAPERS = ("desadv", "bol", "rma")  # papers that name one consignment; an order may have several
OTHER = "other"

FIELDS_OF_EVENTS = frozenset(
    {
        *("type", "eventTime", "recordTime", "eventTimeZoneOffset", "eventID", "errorDeclaration"),
        *("certificationInfo", "action", "epcList", "quantityList", "bizStep", "disposition", "ilmd"),
        *("persistentDisposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList"),
        *("destinationList", "sensorElementList", "parentID", "childEPCs", "childQuantityList"),
        *("inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID"),
        *("@context", "hasID"),
    }
)
EVENT_TYPES = frozenset(
    {"ObjectEvent", "AggregationEvent", "AssociationEvent", "TransformationEvent", "TransactionEvent"}
)
IDENTITY_TERMS = {
    "ikSpkiSha256": "ik_sha256",
    "pdi": "pdi",
    "uuid": "uuid",
    "label": "label",
}
TERMS = frozenset(
    {
        *IDENTITY_TERMS,
        *(
            "party",
            "entry",
            "modelId",
            "lots",
            "replaces",
            "identities",
            "epc",
            "grossDies",
            "goodDies",
            "slot",
        ),
        *("shipment", "country", "dueBy", "title", "licence", "endUser", "evidence", "damaged", "refused"),
        *("absent", "reason", "toName", "evidenceSha256", "basis", "from", "models", "model", "place"),
        *(
            "stocktake",
            "scope",
            "part",
            "parts",
            "transfer",
            "to",
            "product",
            "wafers",
            "forParty",
            "outcome",
        ),
        *("stage", "processNode"),  # said by others, of no bearing here
    }
)


def cbv_word(text: str) -> str:
    """The bare word of a term of the core business vocabulary; what is none stays as it is."""
    for prefix in CBV_PREFIXES:
        if text.startswith(prefix):
            return text.removeprefix(prefix)
    return text


def extension(term: str) -> str:
    """A term as documents of ours write it, under their own context."""
    assert term in TERMS, term
    return f"{PREFIX}:{term}"


def extended(**terms: Any) -> dict[str, Any]:
    """The terms that have a value, as members of an event."""
    return {
        extension(term.rstrip("_")): value for term, value in terms.items() if value not in (None, [], {})
    }
