# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reader processes and letters of the sample office that training never sees, shared by the folder's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.sandbox import ReaderPool
from training.benchmarks.reading import sample
from training.sample_office.city import City
from training.sample_office.compose import Composed

DATA = Path(__file__).parents[3] / "data_samples"


@pytest.fixture(scope="session")
def city() -> City:
    return City(DATA)


@pytest.fixture(scope="session")
def letters(city: City) -> list[Composed]:
    return sample(city, 3, seed=11)


@pytest.fixture(scope="session")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(1, Limits(), OcrSettings()) as readers:
        yield readers
