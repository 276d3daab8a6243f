# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""One office and one model for all tests of this folder."""

import pytest

from router.deciding.model import DecisionModel
from router.office.office import Office
from tests.router.deciding.offices import labelled, write_office
from training.fit import fit_model


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return write_office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="session")
def model(office: Office) -> DecisionModel:
    """Fitted to 240 letters, enough for a promise of 5 %."""
    return fit_model(labelled(240), office, version=1, target_error=0.05, certainty=0.95, seed=3).model
