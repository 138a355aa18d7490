"""Errors as problem+json (RFC 9457), in one place.

ApiError
├── NotFoundError       the plant description, or the store, has no such thing
├── BadRequestError     a parameter makes no sense; the sentence says what would
└── AddressInUseError   the service cannot listen where it was told to
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Sequence
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.instants import InstantError
from api.schemas.history import Problem
from historian.ports import HistorianUnavailableError

logger = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
_URN = "urn:gigafloor:problem:"
_SHOWN = 80
"""Characters of what was sent that an answer repeats."""


class ApiError(Exception):
    """Root of this package's errors."""


class NotFoundError(ApiError):
    """There is no such thing; `what` names its kind: station, line, signal..."""

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(detail)
        self.what = what


class BadRequestError(ApiError):
    """A parameter makes no sense."""


class AddressInUseError(ApiError):
    """Another program listens there."""


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error of the app as problem+json."""
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(BadRequestError, _bad_request)
    app.add_exception_handler(InstantError, _bad_request)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HistorianUnavailableError, _unavailable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    request: Request,
    status: HTTPStatus,
    name: str,
    title: str,
    detail: str,
    *,
    errors: Sequence[str] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return the response that says what went wrong."""
    body = Problem(
        type=f"{_URN}{name}",
        title=title,
        status=status,
        detail=detail,
        instance=request.url.path,
        errors=list(errors),
    )
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)


async def _not_found(request: Request, error: Exception) -> JSONResponse:
    what = error.what if isinstance(error, NotFoundError) else "thing"
    return problem(
        request, HTTPStatus.NOT_FOUND, f"unknown-{what}", f"Unknown {what}", _clipped(str(error), 400)
    )


async def _bad_request(request: Request, error: Exception) -> JSONResponse:
    return problem(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-parameter",
        "Invalid parameter",
        _clipped(str(error), 400),
        errors=[_clipped(str(error), 400)],
    )


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    sentences = [_sentence(each["loc"], each["msg"], each.get("input")) for each in found]
    detail = sentences[0] if len(sentences) == 1 else f"{len(sentences)} parameters are wrong."
    return problem(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-parameter",
        "Invalid parameter",
        detail,
        errors=sentences,
    )


def _sentence(place: Sequence[str | int], message: str, given: object) -> str:
    where = ".".join(str(each) for each in place[1:]) or "the request"
    if message == "Field required":
        return f"'{where}' is missing."
    return f"'{where}': {message[0].lower()}{message[1:]}, not {_clipped(repr(given), _SHOWN)}."


async def _unavailable(request: Request, error: Exception) -> JSONResponse:
    wait_s = error.retry_after_s if isinstance(error, HistorianUnavailableError) else None
    return problem(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "historian-unavailable",
        "Historian unavailable",
        "The store of process values does not answer; live values are not affected. Try again shortly.",
        headers={"Retry-After": str(math.ceil(wait_s or 5))},
    )


async def _http(request: Request, error: Exception) -> JSONResponse:
    code = error.status_code if isinstance(error, HTTPException) else 500
    status = HTTPStatus(code)
    headers = dict(error.headers) if isinstance(error, HTTPException) and error.headers else None
    details = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address; /api/docs lists what there is.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible here: nothing can be changed.",
    }
    return problem(
        request,
        status,
        status.phrase.lower().replace(" ", "-"),
        status.phrase,
        details.get(status, status.description or status.phrase),
        headers=headers,
    )


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    trace = "".join(traceback.format_exception(error))
    logger.error("a request failed", path=request.url.path, exception=trace)
    return problem(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "unexpected",
        "Unexpected error",
        "The service failed to answer; the reason is in its log.",
    )


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}..."
