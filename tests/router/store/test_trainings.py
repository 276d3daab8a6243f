# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import threading
from uuid import uuid4

import pytest

from router.errors import ConflictError, NotFoundError
from router.store.store import Store
from router.store.views import TrainingState


def test_way_of_a_training(store: Store) -> None:
    view = store.request_training("admin")
    assert (view.state, view.requested_by, view.share) == (TrainingState.QUEUED, "admin", 0.0)
    with pytest.raises(ConflictError):
        store.request_training("admin")
    epoch = store.claim_training(view.id)
    assert store.update_training(view.id, epoch=epoch, step="reading", share=0.25)
    now = store.training(view.id)
    assert (now.state, now.step, now.share) == (TrainingState.RUNNING, "reading", 0.25)
    assert not store.update_training(
        view.id, epoch=epoch, state=TrainingState.DONE, version=4, result={"accuracy": 0.9}
    )
    done = store.training(view.id)
    assert (done.state, done.version, done.result) == (TrainingState.DONE, 4, {"accuracy": 0.9})
    assert done.finished_at is not None
    assert store.claim_training(view.id) is None
    assert not store.update_training(view.id, epoch=epoch, share=0.1)
    second = store.request_training("admin")
    assert [training.id for training in store.trainings(5)] == [second.id, view.id]
    assert [event.event for event in reversed(store.audit_events())] == [
        "training:requested", "training:done", "training:requested",
    ]  # fmt: skip


def test_only_one_of_several_requests_at_once(store: Store) -> None:
    barrier = threading.Barrier(5)
    granted, refused = [], []

    def request() -> None:
        barrier.wait()
        try:
            granted.append(store.request_training("admin"))
        except ConflictError:
            refused.append(1)

    threads = [threading.Thread(target=request) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(granted), len(refused)) == (1, 4)


def test_queued_training_is_cancelled_at_once(store: Store) -> None:
    view = store.request_training("admin")
    assert store.cancel_training(view.id, "admin").state is TrainingState.CANCELLED
    assert store.claim_training(view.id) is None
    store.request_training("admin")


def test_running_training_is_told_to_stop(store: Store) -> None:
    view = store.request_training("admin")
    epoch = store.claim_training(view.id)
    assert store.cancel_training(view.id, "admin").state is TrainingState.RUNNING
    assert not store.update_training(view.id, epoch=epoch, share=0.5)
    store.update_training(view.id, epoch=epoch, state=TrainingState.CANCELLED)
    ended = store.cancel_training(view.id, "admin")
    assert ended.state is TrainingState.CANCELLED
    assert [event.event for event in store.audit_events()].count("training:cancelled") == 1


def test_worker_whose_training_was_taken_over_writes_nothing(store: Store) -> None:
    view = store.request_training("admin")
    frozen, taken = store.claim_training(view.id), store.claim_training(view.id)
    assert not store.update_training(view.id, epoch=frozen, share=0.9)
    assert not store.update_training(view.id, epoch=frozen, state=TrainingState.FAILED, error="x")
    assert store.update_training(view.id, epoch=taken, share=0.1)
    assert store.training(view.id).share == 0.1


def test_unknown_training(store: Store) -> None:
    with pytest.raises(NotFoundError):
        store.training(uuid4())
    with pytest.raises(NotFoundError):
        store.cancel_training(uuid4(), "admin")
