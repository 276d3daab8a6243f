# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The one tree of errors.

::

    PostweicheError
    ├── UsageError                a command or request that can't be meant
    │   └── ImportMistakesError   a plan, case list or history with mistakes, all of them listed
    ├── DocumentError             an item that can't be taken in or read
    │   ├── EncryptedError
    │   ├── UnreadableError
    │   ├── UnsupportedError
    │   └── TooLargeError
    ├── NotFoundError
    ├── ConflictError             somebody else was faster
    ├── DependencyError           a program or its data is missing
    ├── ModelError                a model is missing, altered or does not fit
    ├── StorageError              the database or the disk refuses
    ├── TemporaryError            busy, timed out: try again
    ├── AccessError               not signed in, or not allowed
    └── ConfigError               settings that can't work

Each class carries a stable ``code``, the exit status of the command line (BSD sysexits), the HTTP
status, and whether trying again helps. An instance says what happened, to which item (an id, never a
name or text), and what to do next. A low confidence is a result, not an error.
"""

from collections.abc import Sequence
from typing import ClassVar

__all__ = [
    "AccessError",
    "ConfigError",
    "ConflictError",
    "DependencyError",
    "DocumentError",
    "EncryptedError",
    "ImportMistakesError",
    "ModelError",
    "NotFoundError",
    "PostweicheError",
    "StorageError",
    "TemporaryError",
    "TooLargeError",
    "UnreadableError",
    "UnsupportedError",
    "UsageError",
]


class PostweicheError(Exception):
    """Root of the tree; never raised itself.

    Parameters
    ----------
    what
        What happened, in one sentence without personal data.
    item
        Which item, letter, file or setting it is about (an id or a path), if any.
    remedy
        What to do next.
    """

    code: ClassVar[str] = "internal"
    exit_status: ClassVar[int] = 70
    http_status: ClassVar[int] = 500
    again: ClassVar[bool] = False

    def __init__(self, what: str, *, item: str | None = None, remedy: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.item = item
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the whole message in one line: item, what, remedy."""
        subject = f"{self.item}: " if self.item else ""
        advice = f" → {self.remedy}" if self.remedy else ""
        return f"{subject}{self.what}{advice}"


class UsageError(PostweicheError):
    """The command or request can't be meant."""

    code = "usage"
    exit_status = 64
    http_status = 422


class ImportMistakesError(UsageError):
    """A file of the office holds mistakes; nothing of it was taken over.

    Parameters
    ----------
    what, item, remedy
        As for the base class.
    mistakes
        Every mistake, each with its place and remedy.
    """

    code = "mistakes"

    def __init__(
        self, what: str, *, mistakes: Sequence[str], item: str | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(what, item=item, remedy=remedy)
        self.mistakes = tuple(mistakes)

    def __str__(self) -> str:
        """Return the message followed by one mistake a line."""
        return "\n".join([super().__str__(), *(f"  - {mistake}" for mistake in self.mistakes)])


class DocumentError(PostweicheError):
    """An item can't be taken in or read; its original is kept and goes to a person."""

    code = "document"
    exit_status = 65
    http_status = 422


class EncryptedError(DocumentError):
    """The document can't be opened without a password."""

    code = "encrypted"


class UnreadableError(DocumentError):
    """The document is empty, damaged, or nothing in it can be read."""

    code = "unreadable"


class UnsupportedError(DocumentError):
    """The bytes are of a kind the service does not read."""

    code = "unsupported"
    http_status = 415


class TooLargeError(DocumentError):
    """The document exceeds a limit on bytes, pages or pixels."""

    code = "too_large"
    http_status = 413


class NotFoundError(PostweicheError):
    """The thing asked for does not exist."""

    code = "not_found"
    exit_status = 66
    http_status = 404


class ConflictError(PostweicheError):
    """The thing was changed by somebody else in the meantime."""

    code = "conflict"
    exit_status = 75
    http_status = 409


class DependencyError(PostweicheError):
    """A program, its data or a package is missing."""

    code = "dependency"
    exit_status = 69
    http_status = 503


class ModelError(PostweicheError):
    """A model is missing, was altered, or does not fit this version or office."""

    code = "model"
    exit_status = 69
    http_status = 503


class StorageError(PostweicheError):
    """The database or the disk refuses."""

    code = "storage"
    exit_status = 74
    http_status = 503
    again = True


class TemporaryError(PostweicheError):
    """Busy, timed out or full: trying again later helps."""

    code = "temporary"
    exit_status = 75
    http_status = 503
    again = True


class AccessError(PostweicheError):
    """Not signed in, or signed in without the role this needs."""

    code = "access"
    exit_status = 77
    http_status = 403


class ConfigError(PostweicheError):
    """The settings can't work; the service does not start."""

    code = "config"
    exit_status = 78
