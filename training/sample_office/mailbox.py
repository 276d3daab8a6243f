# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters as e-mail messages."""

import datetime as dt
import html
import random
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from zoneinfo import ZoneInfo

from training.sample_office.compose import Composed

__all__ = ["as_mail"]

_BERLIN = ZoneInfo("Europe/Berlin")


def as_mail(
    letter: Composed, recipient: str, rng: random.Random, files: Sequence[tuple[str, str, bytes]] = ()
) -> bytes:
    """Return a letter as a message.

    Parameters
    ----------
    letter
        The filled letter.
    recipient
        Address of the office.
    rng
        Chooses time, HTML or plain text, transfer encoding.
    files
        Attachments: name, media type, bytes.
    """
    message = EmailMessage(policy=SMTP)
    name, address = letter.mail_from
    user, _, domain = address.partition("@")
    message["From"] = Address(name, user or "info", domain or "post.example")
    message["To"] = letter.written.recipient or recipient
    message["Subject"] = " ".join(letter.plain(letter.subject).split()) or " "
    sent = dt.datetime.combine(letter.date, dt.time(rng.randint(6, 22), rng.randint(0, 59)), _BERLIN)
    message["Date"] = sent
    message["Message-ID"] = f"<{letter.name}.{rng.getrandbits(32):08x}@{domain or 'post.example'}>"
    rows = "\n".join(": ".join(letter.plain(cell).lstrip("# ") for cell in row) for row in letter.form)
    text = "\n\n".join(part for part in (rows, *(letter.plain(page) for page in letter.body)) if part.strip())
    if letter.reference.strip() and (letter.from_organisation or rng.random() < 0.6):
        text = f"{letter.plain(letter.reference)}\n\n{text}"
    if letter.mail_footer:
        text = f"{text}\n\n{letter.plain(letter.mail_footer)}"
    message.set_content(text + "\n")
    style = rng.random()
    if style < 0.35:
        paragraphs = "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n"))
        message.add_alternative(f"<html><body>{paragraphs}</body></html>", subtype="html")
    for file_name, media_type, data in files:
        main, _, sub = media_type.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=file_name)
    for place, part in enumerate(message.walk()):
        if part.is_multipart():  # the library would invent another boundary every time
            part.set_boundary(f"=_{place}_{rng.getrandbits(64):016x}")
    return message.as_bytes()
