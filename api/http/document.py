"""What does /openapi.json say about the routes the framework does not know?

The hot routes are plain handlers; here each is written down as the framework would have written it, and put
into the document beside the others. A test asks every route of the application for its place in it.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.http.problems import PROBLEM_JSON
from api.http.reply import JSON, JSON_LINES, OCTETS
from api.http.routes.answers import problems
from api.http.shapes import EXAMPLE_NOTE, HEX_64, AnswerLine, Problem, Proof, Receipt, Would
from api.http.submission import LINES_MAX
from ledger.book.encoding import BODY_BYTES_MAX
from ledger.book.rejection import Reason, Rejection

TITLE = "Chip ledger"
DESCRIPTION = """A registry of AI chips that nobody has to trust: signed statements, a log, proofs.

Statements need no token, their signatures suffice. Reads that depend on who asks carry a bearer token.
Unknown and forbidden answer alike. Every problem's `reason` is one of the list under `Problem`.
Whatever answers GET answers HEAD too: the same status and headers, without the body."""
REF = "#/components/schemas/{model}"

BUNDLE = {
    "type": "object",
    "required": ["envelope"],
    "additionalProperties": False,
    "properties": {
        "envelope": {"type": "object", "description": "DSSE, exactly one Ed25519 signature"},
        "manifest": {"type": "array", "items": {"type": "object"}, "maxItems": 100_000},
        "attestations": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
BUNDLE_EXAMPLE = {
    "envelope": {
        "payload": "eyJib2R5Ijp7…",
        "payloadType": "application/vnd.chipledger.statement.v1+json",
        "signatures": [{"keyid": HEX_64, "sig": "…"}],
    },
    "manifest": [{"chip": "nv-fab:H100-000001", "salt": "00112233445566778899aabbccddeeff"}],
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole document."""
    document = get_openapi(title=TITLE, version=app.version, description=DESCRIPTION, routes=app.routes)
    shapes = (Problem, Receipt, Would, AnswerLine, Proof)
    _, defined = models_json_schema([(shape, "serialization") for shape in shapes], ref_template=REF)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in defined["$defs"].items():
        schemas.setdefault(name, schema)
    schemas["Problem"]["properties"]["reason"]["description"] = _reasons()
    for path, item in _hot_paths().items():
        document["paths"].setdefault(path, {}).update(item)
    # Problems are the contract's; the framework's own shape for wrong parameters is never sent.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return document


def _reasons() -> str:
    rows = [f"`{reason.value}` {Rejection(reason, '').status}" for reason in Reason]
    return "In order of precedence, with the status each has: " + ", ".join(rows) + "."


def _ref(model: type) -> dict[str, Any]:
    return {"$ref": REF.format(model=model.__name__)}


def _told(told: str, media_type: str, schema: dict[str, Any], example: Any = None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"description": told, "content": {media_type: content}}


def _operation(
    summary: str, told: str, tag: str, answers: dict[int | str, Any], **more: Any
) -> dict[str, Any]:
    named = "".join(word for word in summary.lower().replace(" ", "_") if word.isalnum() or word == "_")
    responses = {str(status): answer for status, answer in answers.items()}
    return {
        "summary": summary,
        "description": told,
        "tags": [tag],
        "operationId": named,
        "responses": responses,
        **more,
    }


def _parameter(name: str, place: str, told: str, example: Any, kind: str = "integer") -> dict[str, Any]:
    required = place == "path" or kind == "integer"
    schema = {"type": kind}
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": told,
        "schema": schema,
        "example": example,
    }


def _hot_paths() -> dict[str, Any]:
    octets = {"type": "string", "format": "binary"}
    tile = _told("the tile's bytes", OCTETS, octets)
    number = [
        _parameter("path", "path", "as C2SP tlog-tiles writes it: `x001/x234/067.p/8`", "000", "string")
    ]
    proof = _told("hashes, hex", JSON, _ref(Proof))
    return {
        "/statements": {"post": _submission()},
        "/checkpoint": {
            "get": _operation(
                "Newest checkpoint",
                "The C2SP signed note of the newest published size. Public, never cached.",
                "the log",
                {200: _told("the note", "text/plain", {"type": "string"}, EXAMPLE_NOTE), **problems(404)},
            )
        },
        "/tile/{level}/{path}": {
            "get": _operation(
                "Hash tile",
                "C2SP tlog-tiles: 256 hashes of a level, or fewer with `.p/<W>`. Public, cached for ever.",
                "the log",
                {200: tile, **problems(404)},
                parameters=[_parameter("level", "path", "from 0, the leaves", 0), *number],
            )
        },
        "/tile/entries/{path}": {
            "get": _operation(
                "Entry tile",
                "C2SP tlog-tiles: entries, each behind its length in two bytes. Verifiers and the registrar.",
                "the log",
                {200: tile, **problems(401, 404)},
                parameters=number,
                security=[{"token": []}],
            )
        },
        "/proofs/inclusion": {
            "get": _operation(
                "Inclusion proof",
                "That an entry is in the tree of a size (RFC 9162, 2.1.3). Public.",
                "the log",
                {200: proof, **problems(404, 422)},
                parameters=[
                    _parameter("index", "query", "of the entry", 1041),
                    _parameter("size", "query", "of the tree", 2000),
                ],
            )
        },
        "/proofs/consistency": {
            "get": _operation(
                "Consistency proof",
                "That the tree of one size begins with that of another (RFC 9162, 2.1.4). Public.",
                "the log",
                {200: proof, **problems(404, 422)},
                parameters=[
                    _parameter("from", "query", "the smaller size", 1000),
                    _parameter("to", "query", "the larger size", 2000),
                ],
            )
        },
    }


def _submission() -> dict[str, Any]:
    problem = {PROBLEM_JSON: {"schema": _ref(Problem)}}
    refused = {400: "unreadable", 401: "not signed, or not well", 404: "names what is not yours or unknown"}
    refused |= {409: "the book forbids it", 413: "too large", 415: "neither JSON nor NDJSON"}
    refused |= {
        422: "breaks a statement's own rules",
        429: "too fast",
        503: "not now; `Retry-After` says when",
    }
    answers: dict[int | str, Any] = {
        200: {
            "description": "known already, a dry run, or the answers to NDJSON, one a line in order",
            "content": {
                JSON: {"schema": {"anyOf": [_ref(Receipt), _ref(Would)]}},
                JSON_LINES: {"schema": _ref(AnswerLine)},
            },
        },
        201: _told("admitted", JSON, _ref(Receipt)),
    }
    answers |= {status: {"description": told, "content": problem} for status, told in refused.items()}
    dry_run = _parameter("dry_run", "query", "`1` only asks what would happen", "1", "string")
    return _operation(
        "Submit statements",
        f"One bundle, or up to {LINES_MAX:,} as NDJSON: then always 200, and one bad line stops no other. "
        f"At most {BODY_BYTES_MAX:,} bytes. No token: signatures suffice.",
        "statements",
        answers,
        parameters=[dry_run],
        requestBody={
            "required": True,
            "content": {
                JSON: {"schema": BUNDLE, "example": BUNDLE_EXAMPLE},
                JSON_LINES: {"schema": {"type": "string", "description": "a bundle a line"}},
            },
        },
    )
