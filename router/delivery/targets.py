# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""All ways out that are set up."""

from collections.abc import Mapping

from router.delivery.worklist import WorkList
from router.work.targets import Target

__all__ = ["all_targets"]


def all_targets() -> Mapping[str, Target]:
    """Return the ways out by their names in the delivery ledger."""
    targets: list[Target] = [WorkList()]
    return {target.name: target for target in targets}
