"""The outer shell: security headers, no foreign pages, and counts of what was asked."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.vitals import Vitals

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Vue compiles its templates in the browser, hence 'unsafe-eval'; nothing comes from another host.
_SCREENS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_API_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
_DURATIONS_S = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Guard:
    """ASGI middleware; a plain class, so that streams pass through unbuffered."""

    def __init__(self, app: ASGIApp, vitals: Vitals) -> None:
        self._app = app
        self._requests = vitals.counter("requests", "Requests answered.", ("status",))
        self._refused = vitals.counter("foreign_requests_refused", "Requests made by pages of other sites.")
        self._duration = vitals.histogram(
            "request_duration_seconds", "Time to the first byte of an API answer.", _DURATIONS_S
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, unless a page of another site sent it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if _is_foreign(Headers(scope=scope)):
            self._refused.inc()
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await PlainTextResponse("Pages of other sites may not ask here.", 403)(scope, receive, send)
            return
        await self._app(scope, receive, self._dressed(scope, send) if scope["type"] == "http" else send)

    def _dressed(self, scope: Scope, send: Send) -> Send:
        is_api = scope["path"].startswith("/api/")
        began_s = time.monotonic()

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _EVERYWHERE.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = _API_POLICY if is_api else _SCREENS_POLICY
                if is_api:
                    headers.setdefault("Cache-Control", "no-store")
                    self._duration.observe(time.monotonic() - began_s)
                self._requests.labels(str(message["status"])).inc()
            await send(message)

        return dressed


def _is_foreign(headers: Headers) -> bool:
    """Return whether a browser sent this from a page of another site.

    Browsers set Origin on every websocket and cross-site request; programs do not.
    """
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")
