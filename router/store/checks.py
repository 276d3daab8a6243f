# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What people found when they saw letters the service was sure of."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from router.deciding.watch import Check
from router.records import Reason
from router.store.room import Room
from router.store.tables import assignments, letters
from router.store.views import AssignmentSource

__all__ = ["CheckRoom"]


class CheckRoom(Room):
    """Shows what watches over the promise."""

    def checks(self, model: str, threshold: float) -> list[Check]:
        """Return the letters of a model that were sure enough and that a person decided, in the order of that.

        These are spot checks, which were drawn at random from what was routed, and letters that would have been routed
        had routing not been stopped or its threshold raised: of those a person decides all. Other letters that people
        decided are not among them, as something else than chance brought them there: a doubt, or somebody's objection.

        Parameters
        ----------
        model
            Name and version, as decisions carry it.
        threshold
            The model's own.
        """
        newest = (
            sa.select(assignments.c.letter_id, assignments.c.post, assignments.c.at)
            .where(assignments.c.source != AssignmentSource.SERVICE.value)
            .ext(distinct_on(assignments.c.letter_id))
            .order_by(assignments.c.letter_id, assignments.c.number.desc())
            .subquery()
        )
        held_only = sa.cast([Reason.NO_MODEL.value, Reason.LOW_CONFIDENCE.value], ARRAY(sa.Text))
        held = sa.and_(
            sa.func.cardinality(letters.c.reasons) > 0,
            letters.c.reasons.contained_by(held_only),
            sa.or_(letters.c.threshold.is_(None), letters.c.threshold > threshold),
        )
        query = (
            sa.select(letters.c.confidence, letters.c.proposed_post, newest.c.post)
            .join(newest, newest.c.letter_id == letters.c.id)
            .where(
                letters.c.model == model,
                letters.c.confidence >= threshold,
                letters.c.proposed_post.is_not(None),
                sa.or_(letters.c.spot_check, held),
            )
            .order_by(newest.c.at, letters.c.id)
        )
        with self._transaction() as connection:
            return [Check(row.confidence, row.post != row.proposed_post) for row in connection.execute(query)]
