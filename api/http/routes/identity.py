"""How does a party show who it is? Challenge, answer, token."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.http.body import content_type, read_body, read_json_object
from api.http.gate import AtDesk, Desk
from api.http.parameters import StrictRoute
from api.http.problems import Problem, Refusal, bad_parameter
from api.http.rates import address_of
from api.http.reply import JSON, Told
from api.http.routes.answers import gives
from api.http.shapes import HEX_64, Challenge, Token
from api.http.tokens import Bearer
from ledger.book.identifiers import is_party, is_sha256
from ledger.book.rejection import Reason
from signing.canonical import Unreadable
from signing.envelope import TOKEN_REQUEST_TYPE, Envelope, read_envelope_bytes

ENVELOPE_BYTES_MAX = 64 * 1024
NOT_SHOWN = Problem(
    401, Reason.BAD_SIGNATURE, "the challenge was not answered by a key that stands for this party"
)
CHALLENGE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["keyid", "party"],
                    "additionalProperties": False,
                    "properties": {
                        "party": {"type": "string"},
                        "keyid": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                    },
                },
                "example": {"keyid": HEX_64, "party": "acme"},
            }
        },
    }
}
TOKEN_BODY = {
    "requestBody": {
        "required": True,
        "description": f"DSSE of `{TOKEN_REQUEST_TYPE}` over canonical `{{audience, nonce, party}}`",
        "content": {
            "application/json": {
                "schema": {"type": "object", "required": ["payload", "payloadType", "signatures"]},
                "example": {
                    "payload": "eyJhdWRpZW5jZSI6…",
                    "payloadType": TOKEN_REQUEST_TYPE,
                    "signatures": [{"keyid": HEX_64, "sig": "…"}],
                },
            }
        },
    }
}

routes = APIRouter(route_class=StrictRoute, tags=["tokens"])


@routes.post(
    "/tokens/challenge",
    responses=gives(Challenge, 400, 413, 415, 422, 429),
    response_model=None,
    openapi_extra=CHALLENGE_BODY,
)
async def challenge(request: Request, desk: AtDesk) -> Response:
    """A nonce to be answered once. Whether the party or the key exists makes no difference."""
    desk.challenges.spend(address_of(request.scope), 1)
    async with desk.budget.room() as room:
        seconds = desk.ledger.settings.body_seconds
        asked = await read_json_object(request.scope, request.receive, room, seconds=seconds)
    if asked.keys() != {"party", "keyid"}:
        raise Unreadable("body", "has party and keyid, nothing else")
    party, key_id = asked["party"], asked["keyid"]
    if not isinstance(party, str) or not isinstance(key_id, str):
        raise Unreadable("body", "party and keyid are texts")
    if not is_party(party):
        raise bad_parameter("party: no party id")
    if not is_sha256(key_id):
        raise bad_parameter("keyid: 64 lower-case hex digits")
    return Told(desk.tokens.challenge(party, key_id))


@routes.post(
    "/tokens",
    responses=gives(Token, 400, 401, 413, 415),
    response_model=None,
    openapi_extra=TOKEN_BODY,
)
async def take_token(request: Request, desk: AtDesk) -> Response:
    """A bearer token for an answered challenge. Unknown party, foreign key, wrong nonce: one 401 for all."""
    if content_type(request.scope) != JSON:
        raise Refusal(Problem(415, Reason.MALFORMED, f"Content-Type: send {JSON}"))
    async with desk.budget.room() as room:
        seconds = desk.ledger.settings.body_seconds
        raw = await read_body(
            request.scope, request.receive, room, bytes_max=ENVELOPE_BYTES_MAX, seconds=seconds
        )
    envelope = read_envelope_bytes(raw, TOKEN_REQUEST_TYPE)
    bearer = await desk.read(_answer, desk, envelope)
    if bearer is None:
        raise Refusal(NOT_SHOWN)
    return Told(desk.tokens.token(bearer))


def _answer(desk: Desk, envelope: Envelope) -> Bearer | None:
    """Whom to trust, if anybody. Runs in a reader's thread."""
    ledger = desk.ledger
    bearer = desk.tokens.answer(envelope, ledger.public_key(envelope.key_id))
    party = envelope.key_id if bearer is None else bearer.party  # nobody's id: looked for all the same
    now_s = ledger.clock() // 1000
    standing = ledger.lookup.book.viewer(party, envelope.key_id, ledger.lookup.size(), now_s)
    return bearer if standing is not None else None
