"""What does a question in SQL look like over HTTP: its parameters, its body, its answers, its bad news?

A question is a text, or a way down of a report's row by its name, its values and the fingerprint of its text.
Knows no snapshot.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from analytics.formats import MEDIA_TYPES
from analytics.question import QUERY_BYTES_MAX, SqlRefused
from analytics.reporting.drills import ADDRESS_CHARACTERS_MAX, FINGERPRINT_HEX, Way, read_way
from api.http.book_shapes import SqlRows
from api.http.problems import Problem, bad_parameter, problem_response
from api.http.reply import NEVER_STORE
from api.http.routes.analysis import FORMATS
from api.http.routes.answers import NOT_CHANGED, gives
from ledger.book.rejection import Reason
from signing.canonical import Unreadable

BUSY_RETRY_SECONDS = 5
NAME_CHARACTERS_MAX = 40
OF_A_WAY = frozenset({"text_changed", "other_tables"})
"""Reasons for which a way down is not answered; another question only where it names what is missing."""
DEFAULT = "json"
HTML = "html"
BODY_FIELDS = {"q", "format"}
HTML_MEDIA = "text/html"
TEXT_CHANGED = (
    "the SQL that this way down stands for has changed since the address was made, and its rows may be "
    "others: take the way from the report again"
)

Text = Annotated[
    str,
    Query(
        max_length=QUERY_BYTES_MAX,
        description="one SELECT on the views of the snapshot; a page may be asked for without",
        examples=["SELECT custodian, count(*) AS chips FROM chip GROUP BY 1"],
    ),
]
DrillName = Annotated[
    str | None,
    Query(
        max_length=NAME_CHARACTERS_MAX, description="in place of q: the way down of a report's row, by name"
    ),
]
DrillSaid = Annotated[
    str | None,
    Query(max_length=ADDRESS_CHARACTERS_MAX, description="its values, a JSON object of texts"),
]
DrillText = Annotated[
    str | None,
    Query(
        pattern=f"^[0-9a-f]{{{FINGERPRINT_HEX}}}$",
        description="the fingerprint of its SQL, as the report's way has it: refused where it is another now",
    ),
]
Form = Annotated[
    str | None,
    Query(pattern=f"^({FORMATS}|{HTML})$", description="json, csv, arrow, parquet, or html: the page"),
]
At = Annotated[
    str | None,
    Query(pattern="^(0|[1-9][0-9]{0,15})?$", description="of this size: sends on to /at/{size}/sql"),
]
SQL_ANSWERS: dict[int | str, dict[str, Any]] = {
    **gives(SqlRows, 401, 404, 413, 422),
    200: {
        "model": SqlRows,
        "description": "the rows; `X-Chipledger-Truncated: true` where there were more",
        "content": {kind.partition(";")[0]: {} for kind in (*MEDIA_TYPES.values(), HTML_MEDIA)},
    },
}
SQL_GOT = {**SQL_ANSWERS, **NOT_CHANGED}
"""Of GET: what was sent as a body is asked anew each time."""
SQL_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["q"],
                    "additionalProperties": False,
                    "properties": {
                        "q": {"type": "string"},
                        "format": {"type": "string", "enum": list(MEDIA_TYPES)},
                    },
                },
                "example": {"q": "SELECT COUNT(*) AS chips FROM chip", "format": "csv"},
            }
        },
    }
}


def question_of(q: str, drill: str | None, said: str | None, text: str | None) -> str | Way | SqlRefused:
    """The question, or the way down that was asked for by its name; or that it means something else now."""
    if drill is None and said is None and text is None:
        return q
    if q or drill is None:
        raise bad_parameter("drill: comes with said, and without q")
    try:
        way = read_way(drill, said or "")
    except Unreadable as fault:
        raise bad_parameter(str(fault)) from None
    return way if text in (None, way.fingerprint) else SqlRefused("text_changed", TEXT_CHANGED)


def read_asked(asked: Mapping[str, Any]) -> tuple[str, str]:
    """The query and the format of a question that came as a body."""
    if not asked.keys() <= BODY_FIELDS or not all(isinstance(value, str) for value in asked.values()):
        raise Unreadable("body", "has q and, where it is not json, format; both texts")
    query, form = asked.get("q", ""), asked.get("format", DEFAULT)
    if not query:
        raise bad_parameter("q: one SELECT on the views of the snapshot")
    return query, form


def sql_problem(refused: SqlRefused) -> Response:
    """A query that was not answered; `console` has the console's own word for why, the rest the place."""
    if refused.reason == "busy":
        return Problem(503, Reason.UNAVAILABLE, refused.detail, BUSY_RETRY_SECONDS).response()
    if refused.reason == "too_long":
        problem = Problem(413, Reason.TOO_LARGE, f"q: {refused.detail}")
    else:
        field = "drill" if refused.reason in OF_A_WAY and refused.missing is None else "q"
        problem = Problem(422, Reason.BAD_FIELD, f"{field}: {refused.detail}")
    place = {"line": refused.line, "column": refused.column, "word": refused.word, "near": list(refused.near)}
    told = {name: value for name, value in place.items() if value}
    return problem_response({**problem.as_object(), "console": refused.reason, **told}, NEVER_STORE)
