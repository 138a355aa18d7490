"""Errors of the edge agent, split by what can be done about them.

EdgeError
├── PlanError               the profile asks for a read that no request can do: correct the profile
├── ReadError               one request failed, the connection is fine
│   ├── RefusedError        the device will never answer it (exceptions 1, 2, 3): isolate
│   ├── BusyError           the device cannot now (exceptions 4, 5, 6, 8): later
│   └── NoReplyError        silence, a gateway that found silence (10, 11), or something that is no reply
├── UnitLostError           a unit has not answered twice in a row
├── LinkLostError           the connection is gone or out of step: connect again
├── SensorError             a sensor's message, or one value of it, is not usable
├── SpoolUnavailableError   the disk refuses for now: keep the data and try again
└── NotOnlineError          no session with the host: leave it to the spool
"""

from __future__ import annotations


class EdgeError(Exception):
    """Root of this package's errors."""


class PlanError(EdgeError):
    """The profile asks for a read that no request can do."""


class ReadError(EdgeError):
    """One request failed; the connection can still be used."""


class RefusedError(ReadError):
    """The device does not have what was asked for."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class BusyError(ReadError):
    """The device cannot answer now."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class NoReplyError(ReadError):
    """Nothing came in time that answers the request."""


class UnitLostError(EdgeError):
    """The unit has not answered twice in a row: its values are stale."""


class LinkLostError(EdgeError):
    """The connection cannot be made, broke, or is out of step."""


class SensorError(EdgeError):
    """A sensor's message, or one value of it, cannot be used."""


class SpoolUnavailableError(EdgeError):
    """The spool's disk is full or failing; nothing of the call is stored."""


class NotOnlineError(EdgeError):
    """There is no session with the host."""
