# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Signed and encrypted containers (CMS, RFC 5652): ``smime.p7m``, signed files of courts and lawyers.

Signatures are not verified, and nothing says that they were: whether a letter is genuine is no question of who
is responsible for it.
"""

from asn1crypto import cms, core

from router.errors import EncryptedError, UnreadableError
from router.reading.contents import Attachment, Contents, Unpacking
from router.reading.kinds import Kind, kind_of
from router.reading.mail import is_entity, open_entity

__all__ = ["open_signed"]

_SEALED = frozenset(["enveloped_data", "encrypted_data", "signed_and_enveloped_data", "authenticated_enveloped_data"])


def open_signed(data: bytes, unpacking: Unpacking) -> Contents:
    """Return what was signed: part of a mail, or a file. A signature that lies beside its file holds nothing.

    Raises
    ------
    EncryptedError
        When it is encrypted.
    UnreadableError
        When it is damaged.
    """
    content = _signed_content(data)
    if not content:
        return Contents()
    unpacking.take(len(content))
    if kind_of(content) is not Kind.MAIL and is_entity(content):
        return open_entity(content, unpacking)
    return Contents(files=(Attachment("", content),))


def _signed_content(data: bytes) -> bytes:
    try:
        container = cms.ContentInfo.load(data)
        kind = container["content_type"].native
        if kind in _SEALED:
            raise EncryptedError("the message is encrypted")
        if kind == "data":
            return bytes(container["content"])
        if kind != "signed_data":
            raise UnreadableError("the container holds neither signed nor encrypted data")
        within = container["content"]["encap_content_info"]["content"]
        return bytes(within) if isinstance(within, core.OctetString | core.ParsableOctetString) else b""
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UnreadableError("the signed container is damaged") from error
