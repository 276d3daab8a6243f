# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What every request can use: store, desk, settings, and pictures of pages kept for a moment."""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from router.settings import Settings
from router.store.store import Store
from router.work.desk import Desk

__all__ = ["BERLIN", "Pictures", "Services", "Used", "office_today", "services_of"]

BERLIN = ZoneInfo("Europe/Berlin")
_PICTURES = 48


def office_today() -> dt.date:
    """Return today's date where the office is."""
    return dt.datetime.now(BERLIN).date()


class Pictures:
    """The page pictures shown last; kept in memory only, so that browsers need not keep letters in their cache."""

    def __init__(self, most: int = _PICTURES) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, int, int, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, int, int, int], make: Callable[[], bytes]) -> bytes:
        """Return the picture under `key` (hash, page, dpi, rotation), made by `make` if it is not at hand."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        picture = make()
        with self._lock:
            self._kept[key] = picture
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return picture


@dataclass(frozen=True)
class Services:
    """The parts of the house that requests use."""

    store: Store
    desk: Desk
    settings: Settings
    pictures: Pictures = field(default_factory=Pictures)


def services_of(request: Request) -> Services:
    """Return the services of the application a request came to."""
    services: Services = request.app.state.services
    return services


Used = Annotated[Services, Depends(services_of)]
