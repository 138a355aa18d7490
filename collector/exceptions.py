"""The collector's errors.

CollectorError
├── LocalFileError     a file beside the collector cannot be used; what needed it can be tried again
└── UnknownSiteError   the settings name a site that the plant description has not
"""

from __future__ import annotations


class CollectorError(Exception):
    """Root of this package's errors."""


class LocalFileError(CollectorError):
    """A file beside the collector cannot be read or written; the same may succeed later."""


class UnknownSiteError(CollectorError):
    """The settings name a site that does not exist."""
