# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from router.delivery.targets import all_targets
from router.store.store import Store


def test_every_target_letters_are_sent_to_is_set_up() -> None:
    assert set(Store.targets) <= set(all_targets())


def test_targets_go_by_their_own_names() -> None:
    assert all(name == target.name for name, target in all_targets().items())
