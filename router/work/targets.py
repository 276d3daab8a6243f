# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a way out must be able to do; the ways themselves are in ``router.delivery``."""

from typing import Protocol

from router.store.views import Parcel

__all__ = ["Target"]


class Target(Protocol):
    """A way out: brings a letter's assignment into effect somewhere."""

    name: str
    """Name in the delivery ledger; it never changes."""

    def deliver(self, parcel: Parcel) -> None:
        """Bring a letter where it was assigned.

        The same parcel may come twice when a worker died after delivering and before noting it; the target has
        to recognise it by ``parcel.assignment_id``.

        Raises
        ------
        PostweicheError
            When it did not work; with ``again`` it is tried again later.
        """
