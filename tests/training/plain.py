# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""A history of an office that has no plan."""

import csv
from pathlib import Path

_SUBJECTS = (
    "Ich beantrage die Verlängerung meiner Aufenthaltserlaubnis zum Studium. Die Immatrikulation liegt bei.",
    "Hiermit lade ich meine Schwester ein und gebe eine Verpflichtungserklärung ab. Der Lohnzettel liegt bei.",
)


def plain_history(folder: Path, count: int, posts: tuple[str, str]) -> Path:
    """Write letters on two subjects as plain text files, with nothing but names of posts as labels."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(count):
        subject = number % 2
        text = f"Guten Tag,\n\n{_SUBJECTS[subject]}\nSeite {number}\n\nMit freundlichen Grüßen\n"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
        rows.append((f"{number}.txt", f"2026-03-{number % 28 + 1:02d}", posts[subject]))
    path = folder / "history.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([("file", "received_at", "post"), *rows])
    return path
