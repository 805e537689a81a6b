"""Which answers does a route promise in the document?

Small builders for FastAPI's `responses`, so that every route names its shape and the problems it can give.
"""

from typing import Any

from api.http.problems import PROBLEM_JSON
from api.http.shapes import Problem

Responses = dict[int | str, dict[str, Any]]

_TOLD = {
    400: "the body cannot be read (`malformed`)",
    401: "no token, or one that no longer holds",
    404: "unknown, or not the asker's to see: one answer for both",
    413: "beyond a limit (`too_large`)",
    415: "another content type than asked for",
    422: "a parameter is wrong, unknown or given twice",
    429: "too fast; the detail tells the rate",
    503: "not now; `Retry-After` says when",
}

NOT_CHANGED: Responses = {
    304: {"description": "`If-None-Match` has the answer's `ETag`: it is the one the asker has"}
}


def problems(*statuses: int) -> Responses:
    """The problems of a route; 503 is possible everywhere."""
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {
        status: {"description": _TOLD[status], "content": {PROBLEM_JSON: {"schema": schema}}}
        for status in (*statuses, 503)
    }


def gives(shape: Any, *statuses: int, status: int = 200, told: str = "the answer") -> Responses:
    """A shape, and problems."""
    return {status: {"model": shape, "description": told}, **problems(*statuses)}


def gives_text(media_type: str, *statuses: int, told: str, example: str | None = None) -> Responses:
    """Text or bytes of a media type, and problems."""
    content: dict[str, Any] = {"schema": {"type": "string"}}
    if example is not None:
        content["example"] = example
    return {200: {"description": told, "content": {media_type: content}}, **problems(*statuses)}
