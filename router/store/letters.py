# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters: lists, one letter with everything about it, the next one for a person, figures of a day, labels."""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from router.errors import NotFoundError
from router.records import Letter, LetterKind, Outcome, Reason
from router.store.items import item_view
from router.store.packing import unpack_decision, unpack_letter
from router.store.room import Room, now
from router.store.tables import assignments, audit, deliveries, items, letters
from router.store.views import (
    AssignmentSource,
    AssignmentView,
    Counts,
    DeliveryView,
    EventView,
    LetterState,
    LetterSummary,
    LetterView,
    StoredLabel,
)
from router.texts import _

__all__ = ["LetterRoom", "letters_of", "read_letter"]

_LIGHT = [column for column in letters.c if column.name not in ("content", "decision")]
_LOOKING_SECONDS = 120
_LABELS_AT_ONCE = 200


class LetterRoom(Room):
    """Shows letters."""

    def letters(
        self,
        *,
        outcome: Outcome | None = None,
        state: LetterState | None = None,
        post: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[LetterSummary]:
        """Return letters, newest first.

        Parameters
        ----------
        outcome
            What the service decided.
        state
            Where they are.
        post
            Where they go.
        limit, offset
            Which part of the list.
        """
        query = (
            sa.select(*_LIGHT, items.c.channel, items.c.file_name)
            .join(items)
            .order_by(letters.c.received_at.desc(), letters.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        if outcome is not None:
            query = query.where(letters.c.outcome == outcome.value)
        if state is not None:
            query = query.where(letters.c.state == state.value)
        if post is not None:
            query = query.where(letters.c.post == post)
        with self._transaction() as connection:
            return [_summary(row) for row in connection.execute(query).mappings()]

    def letter(self, letter_id: UUID) -> LetterView:
        """Return one letter.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        with self._transaction() as connection:
            return read_letter(connection, letter_id)

    def next_for_review(self, after: UUID | None, actor: str) -> UUID | None:
        """Return the letter a person should look at next, oldest first, or ``None``.

        Parameters
        ----------
        after
            The letter they come from; the order starts behind it, and at the front again at the end.
        actor
            Who asks; letters somebody else is looking at come last.
        """
        place = sa.tuple_(letters.c.received_at, letters.c.item_id, letters.c.position)
        with self._transaction() as connection:
            come_from = None
            if after is not None:
                come_from = connection.execute(
                    sa.select(letters.c.received_at, letters.c.item_id, letters.c.position).where(letters.c.id == after)
                ).one_or_none()
            taken = sa.and_(letters.c.reviewer_until > now(), sa.func.coalesce(letters.c.reviewer, actor) != actor)
            order = [sa.func.coalesce(taken, sa.false()), *place.clauses]
            query = sa.select(letters.c.id).where(letters.c.state == LetterState.REVIEW.value)
            if after is not None:
                query = query.where(letters.c.id != after)
            if come_from is not None:
                order.insert(1, place <= sa.tuple_(*come_from))
            found = connection.execute(
                query.order_by(*order).limit(1).with_for_update(skip_locked=True)
            ).scalar_one_or_none()
            if found is not None:
                until = now() + dt.timedelta(seconds=_LOOKING_SECONDS)
                connection.execute(
                    letters.update().where(letters.c.id == found).values(reviewer=actor, reviewer_until=until)
                )
            return found

    def counts(self, day: dt.date) -> Counts:
        """Return figures of a day (in local time) and what waits at all."""
        start = dt.datetime.combine(day, dt.time()).astimezone()
        of_day = sa.and_(letters.c.received_at >= start, letters.c.received_at < start + dt.timedelta(days=1))
        count = sa.func.count
        with self._transaction() as connection:
            today = connection.execute(
                sa.select(letters.c.post, letters.c.outcome, count())
                .where(of_day)
                .group_by(letters.c.post, letters.c.outcome)
            ).all()
            waits = connection.execute(
                sa.select(letters.c.state, count())
                .where(letters.c.state.in_([LetterState.REVIEW.value, LetterState.WAITING.value]))
                .group_by(letters.c.state)
            ).all()
            went = connection.execute(
                sa.select(letters.c.post, count())
                .where(
                    of_day,
                    sa.or_(
                        letters.c.spot_check,
                        letters.c.state.in_(
                            [LetterState.ROUTED.value, LetterState.ASSIGNED.value, LetterState.DELIVERED.value]
                        ),
                    ),
                )
                .group_by(letters.c.post)
                .order_by(letters.c.post)
            ).all()
        open_ones: dict[str, int] = {row[0]: row[1] for row in waits}
        return Counts(
            today=sum(number for _post, _outcome, number in today),
            routed=sum(number for _post, outcome, number in today if outcome == Outcome.ROUTED.value),
            review=open_ones.get(LetterState.REVIEW.value, 0),
            waiting=open_ones.get(LetterState.WAITING.value, 0),
            by_post={post: number for post, number in went if post is not None},
        )

    def labels(self) -> Iterator[StoredLabel]:
        """Yield each letter a person decided, with the newest post a person gave it.

        What the service routed by itself is no label, and confidential letters are not learned from.
        """
        by_person = (
            sa.select(assignments.c.letter_id, assignments.c.post, assignments.c.source, assignments.c.number)
            .where(assignments.c.source != AssignmentSource.SERVICE.value)
            .ext(distinct_on(assignments.c.letter_id))
            .order_by(assignments.c.letter_id, assignments.c.number.desc())
            .subquery()
        )
        query = (
            sa.select(
                letters.c.id,
                letters.c.received_at,
                items.c.sha256,
                letters.c.item_id,
                by_person.c.post,
                by_person.c.source,
            )
            .join(by_person, by_person.c.letter_id == letters.c.id)
            .join(items, items.c.id == letters.c.item_id)
            .where(sa.not_(letters.c.confidential), letters.c.content.is_not(None))
            .order_by(letters.c.received_at, letters.c.id)
        )
        with self._transaction() as connection:
            decided = connection.execute(query).all()
        # What the letters say is fetched a few at a time, so that no transaction stays open while they are used.
        for start in range(0, len(decided), _LABELS_AT_ONCE):
            some = decided[start : start + _LABELS_AT_ONCE]
            contents = self._contents([row.id for row in some])
            for row in some:
                letter = unpack_letter(contents[row.id]) if row.id in contents else None
                if letter is None or not any(page.words for page in letter.pages):
                    continue
                yield StoredLabel(
                    letter=letter,
                    received=row.received_at.astimezone().date(),
                    post=row.post,
                    matter=None,
                    channel=letter.kind.value,
                    group=str(row.item_id),
                    source=row.source,
                    sha256=row.sha256,
                )

    def label_counts(self, since: dt.datetime | None = None) -> dict[AssignmentSource, int]:
        """Return how many letters people decided, by how; only decisions after `since` count if it is given.

        A letter decided several times counts once, with its newest decision.
        """
        newest = (
            sa.select(assignments.c.letter_id, assignments.c.source, assignments.c.at)
            .where(assignments.c.source != AssignmentSource.SERVICE.value)
            .ext(distinct_on(assignments.c.letter_id))
            .order_by(assignments.c.letter_id, assignments.c.number.desc())
            .subquery()
        )
        query = sa.select(newest.c.source, sa.func.count()).group_by(newest.c.source)
        if since is not None:
            query = query.where(newest.c.at > since)
        with self._transaction() as connection:
            counted: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
        by_person = (AssignmentSource.CONFIRMED, AssignmentSource.CORRECTED, AssignmentSource.SPOT_CHECK)
        return {source: counted.get(source.value, 0) for source in by_person}

    def _contents(self, letter_ids: list[UUID]) -> dict[UUID, bytes]:
        query = sa.select(letters.c.id, letters.c.content).where(
            letters.c.id.in_(letter_ids), letters.c.content.is_not(None)
        )
        with self._transaction() as connection:
            return {row.id: row.content for row in connection.execute(query)}


def read_letter(connection: sa.Connection, letter_id: UUID) -> LetterView:
    """Return one letter within a transaction.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    row = (
        connection.execute(
            sa.select(letters, items.c.channel, items.c.file_name).join(items).where(letters.c.id == letter_id)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFoundError(_("There is no such letter"), item=str(letter_id))
    item = connection.execute(sa.select(items).where(items.c.id == row["item_id"])).mappings().one()
    siblings = connection.execute(
        sa.select(letters.c.id).where(letters.c.item_id == row["item_id"]).order_by(letters.c.position)
    ).scalars()
    return LetterView(
        summary=_summary(row),
        letter=unpack_letter(row["content"]) if row["content"] else Letter((), LetterKind(row["kind"])),
        decision=unpack_decision(row["decision"]) if row["decision"] else None,
        assignments=_assignments(connection, letter_id),
        deliveries=tuple(
            DeliveryView(delivery.target, delivery.state, delivery.at)
            for delivery in connection.execute(
                sa.select(deliveries).where(deliveries.c.letter_id == letter_id).order_by(deliveries.c.target)
            )
        ),
        events=tuple(
            EventView(event.at, event.actor, event.event, event.details)
            for event in connection.execute(
                sa.select(audit).where(audit.c.subject.in_([str(letter_id), str(row["item_id"])])).order_by(audit.c.seq)
            )
        ),
        item=item_view(item, tuple(siblings)),
        version=row["version"],
    )


def letters_of(connection: sa.Connection, item_id: UUID) -> tuple[LetterSummary, ...]:
    """Return the letters of an item in order, within a transaction."""
    query = (
        sa.select(*_LIGHT, items.c.channel, items.c.file_name)
        .join(items)
        .where(letters.c.item_id == item_id)
        .order_by(letters.c.position)
    )
    return tuple(_summary(row) for row in connection.execute(query).mappings())


def _assignments(connection: sa.Connection, letter_id: UUID) -> tuple[AssignmentView, ...]:
    query = sa.select(assignments).where(assignments.c.letter_id == letter_id).order_by(assignments.c.number)
    return tuple(
        AssignmentView(row.id, row.post, row.caseworker, AssignmentSource(row.source), row.actor, row.at)
        for row in connection.execute(query)
    )


def _summary(row: sa.RowMapping) -> LetterSummary:
    return LetterSummary(
        id=row["id"],
        item_id=row["item_id"],
        position=row["position"],
        pages=tuple(row["pages"]),
        received_at=row["received_at"],
        channel=row["channel"],
        file_name=row["file_name"],
        state=LetterState(row["state"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        post=row["post"],
        caseworker=row["caseworker"],
        confidence=row["confidence"],
        threshold=row["threshold"],
        reasons=tuple(Reason(reason) for reason in row["reasons"]),
        kind=row["kind"],
        model=row["model"],
        spot_check=row["spot_check"],
    )
