# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""A hash of what a model learned, the same wherever and in whatever process it was learned."""

import dataclasses
import enum
import hashlib
from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

__all__ = ["content_hash"]


def content_hash(model: object) -> str:
    """Return a hash of every number and name in a model, in an order that does not depend on the process.

    The file itself is no measure of that: it also records which equal strings were one object, and sets in the
    order of a process. Objects are taken apart into their attributes, so that two models with the same hash decide
    alike.

    >>> content_hash({"a": frozenset(["x", "y"])}) == content_hash({"a": frozenset(["y", "x"])})
    True
    """
    digest = hashlib.sha256()
    for piece in _pieces(model):
        digest.update(len(piece).to_bytes(8, "big"))
        digest.update(piece)
    return digest.hexdigest()


def _pieces(value: Any) -> Iterator[bytes]:
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        yield f"{array.dtype}{array.shape}".encode()
        yield array.astype("U").tobytes() if array.dtype.kind in "OU" else np.ascontiguousarray(array).tobytes()
    elif isinstance(value, enum.Enum) or value is None or isinstance(value, str | bytes | bool | int | float):
        yield f"{type(value).__name__}:{value!r}".encode()
    elif isinstance(value, Mapping):
        yield b"{"
        for _order, _place, key in sorted((content_hash(key), place, key) for place, key in enumerate(value)):
            yield from _pieces(key)
            yield from _pieces(value[key])
        yield b"}"
    elif isinstance(value, Set):
        yield from sorted(content_hash(entry).encode() for entry in value)
    elif isinstance(value, list | tuple):
        yield f"[{len(value)}".encode()
        for entry in value:
            yield from _pieces(entry)
    elif isinstance(value, type) or callable(value):
        yield f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__name__)}".encode()
    elif dataclasses.is_dataclass(value):
        yield type(value).__qualname__.encode()
        for each in dataclasses.fields(value):
            yield each.name.encode()
            yield from _pieces(getattr(value, each.name))
    elif isinstance(value, BaseEstimator):
        # What else hangs on one is kept from its use, as by HashingVectorizer.
        yield type(value).__qualname__.encode()
        learned = {name: entry for name, entry in vars(value).items() if name.endswith("_")}
        yield from _pieces({**value.get_params(deep=False), **learned})
    else:
        yield type(value).__qualname__.encode()
        yield from _pieces({name: entry for name, entry in vars(value).items() if not name.startswith("__")})
