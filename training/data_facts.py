# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the letters of a training are: how many, from when, of which kinds, and what of people is left in them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from router.office.office import Office
from router.office.surnames import fold
from training.dataset import Labelled, fingerprint
from training.fit import Fitted
from training.shares import missing, share
from training.slices import slice_labels

__all__ = ["describe_data", "names_left"]

_WORD = re.compile(r"[^\W\d_]+")


def describe_data(letters: Sequence[Labelled], fitted: Fitted, office: Office) -> dict[str, Any]:
    """Return the facts about the training's letters.

    Parameters
    ----------
    letters
        All letters given to the training.
    fitted
        Which of them were used.
    office
        The case list tells which words are parts of names.
    """
    used = fitted.used
    labels = [slice_labels(entry) for entry in used]
    masked = sum("xname" in entry.facts.masked_text for entry in used)
    with_people = sum(bool(entry.facts.persons) for entry in used)
    duplicates = len(letters) - len({entry.sha256 or str(id(entry)) for entry in letters})
    pages = [len(entry.letter.pages) for entry in used]
    days = sorted(entry.received for entry in used)
    return {
        "period": {"start": days[0].isoformat(), "end": days[-1].isoformat()},
        "n_given": len(letters),
        "n": len(used),
        "split": {
            "kind": "cross-validation",
            "folds": fitted.parameters.get("folds"),
            "grouped_by": "letter",
            "by_time": False,
            "train": len(used),
            "validation": len(used),
            "test": 0,
            "groups": len({entry.group for entry in used}),
            "leaks": _leaks(used),
        },
        "label_sources": _shares(entry.source for entry in used),
        "duplicates": duplicates,
        "class_sizes": dict(sorted(Counter(entry.post for entry in used).items())),
        "matters_named": share(sum(entry.matter is not None for entry in used), len(used)),
        **{kind: _shares(label[kind] for label in labels) for kind in labels[0]},
        "unreadable": share(len(letters) - len(used), len(letters)),
        "pages": {"mean": round(sum(pages) / len(pages), 2), "most": max(pages)},
        "fingerprint": fingerprint(used),
        "masking": {
            "on": True,
            "letters_with_people": share(with_people, len(used)),
            "letters_masked": share(masked, len(used)),
            **names_left(used, office),
        },
        "quality_criteria": _criteria(letters, used, duplicates),
    }


def _shares(names: Iterable[str]) -> dict[str, Any]:
    counted = Counter(names)
    total = sum(counted.values())
    return {name: share(n, total) for name, n in sorted(counted.items())}


def _leaks(used: Sequence[Labelled]) -> int:
    """Return how many identical items lie in several groups, and so perhaps on both sides of a split."""
    groups: dict[str, set[str]] = defaultdict(set)
    for entry in used:
        if entry.sha256:
            groups[entry.sha256].add(entry.group)
    return sum(len(found) > 1 for found in groups.values())


def names_left(used: Iterable[Labelled], office: Office) -> dict[str, Any]:
    """Count the parts of names of the case list that still stand in the masked texts; only counts, no words.

    The text model keeps hashed n-grams and no vocabulary, so the texts it is fitted to are looked at. A part
    written with a small letter is also an ordinary word (such as "lang") and is counted apart.
    """
    if not len(office.cases):
        return {"name_parts_known": 0, "name_parts_left": missing("There is no case list to compare with")}
    capital: set[str] = set()
    small: set[str] = set()
    for entry in used:
        for word in _WORD.findall(entry.facts.masked_text):
            folded = fold(word)
            if len(folded) > 2 and office.is_name_part(folded):
                (capital if word[0].isupper() else small).add(folded)
    known = sum(len(part) > 2 for part in office.cases.tokens())
    return {
        "name_parts_known": known,
        "name_parts_left": share(len(capital), known),
        "ordinary_words_like_names": len(small - capital),
    }


def _criteria(letters: Sequence[Labelled], used: Sequence[Labelled], duplicates: int) -> dict[str, Any]:
    """Return what is measured of the BSI's criteria for data quality (QUAIDAL, QKB-01 to QKB-10)."""
    counted = Counter(entry.post for entry in used)
    dated = sum(entry.channel is not None for entry in used)
    not_measured = "This criterion was not measured"
    return {
        "QKB-01": {
            "what": "representativity",
            "smallest_class": min(counted.values()),
            "largest_class": max(counted.values()),
        },
        "QKB-02": {"what": "completeness", "channel_known": share(dated, len(used))},
        "QKB-03": {"what": "accuracy", **missing(not_measured)},
        "QKB-04": {"what": "consistency", **missing(not_measured)},
        "QKB-05": {"what": "correctness", **missing(not_measured)},
        "QKB-06": {"what": "uniformity", **missing(not_measured)},
        "QKB-07": {"what": "validity", "readable": share(len(used), len(letters))},
        "QKB-08": {"what": "uniqueness", "duplicates": share(duplicates, len(letters))},
        "QKB-09": {"what": "secure source", **missing(not_measured)},
        "QKB-10": {"what": "personal data", "masked": True},
    }
