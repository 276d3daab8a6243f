# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The work list of a post: the letters assigned to it, kept in the service's own database."""

from router.store.views import Parcel
from router.store.way import WORK_LIST

__all__ = ["WorkList"]


class WorkList:
    """The target every letter has.

    The list is made of the assignments themselves; a letter stands on it from the moment its delivery is noted
    in the ledger, in one transaction. So there is nothing to do here that could fail or happen twice.
    """

    name = WORK_LIST

    def deliver(self, parcel: Parcel) -> None:
        """Do nothing more: the assignment is the entry."""
