# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The store: everything that must not be lost, behind one door.

Each method is one transaction, audit entry included; identifiers are UUIDs, what comes back are frozen records.
"""

from router.store.audit import AuditRoom
from router.store.checks import CheckRoom
from router.store.items import ItemRoom
from router.store.letters import LetterRoom
from router.store.protocols import ProtocolRoom
from router.store.regroup import RegroupRoom
from router.store.trainings import TrainingRoom
from router.store.users import UserRoom

__all__ = ["Store"]


class Store(ItemRoom, LetterRoom, CheckRoom, ProtocolRoom, RegroupRoom, TrainingRoom, UserRoom, AuditRoom):
    """Items, letters and their way, scan protocols, trainings, users, audit chain; safe to use from many threads.

    Parameters
    ----------
    engine
        An open database, see ``open_database``.
    folder
        The data folder; large originals lie below it.
    defer
        Puts jobs into the queue; by default procrastinate's.
    """
