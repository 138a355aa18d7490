"""Errors of starting a process.

Exception
└── StartError   a sentence for the person who started it: what, where, what to do
"""

from __future__ import annotations


class StartError(Exception):
    """Something outside stops the start: a taken port, a locked file, a missing setting."""
