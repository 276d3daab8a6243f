# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The child process in which files are opened: ``python -m router.reading.child``.

It takes its limits before it sees the first byte, has no network where the kernel lets it drop it, and dies
with its parent.
"""

import ctypes
import json
import os
import resource
import signal
import sys

from router.errors import PostweicheError
from router.reading import wire
from router.reading.limits import Limits

# pytesseract loads pandas where it finds it, half a second at every start of a child, for a table format we don't use.
sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # "None" is how Python marks a module as absent

from router.reading.ocr import OcrSettings  # noqa: E402  # after pandas is hidden

__all__ = ["main"]

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


def _confine(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    file_size = 4 * max(limits.max_unpacked_bytes, limits.max_pixels)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Root may drop the network at once, others by way of a user namespace. Where the kernel refuses both, the
    # other limits stay; the operator's handbook says how to close the gap from outside.
    if library.unshare(_CLONE_NEWNET) != 0 and os.geteuid() != 0:
        library.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _limit_processor_time(limits: Limits) -> None:
    """Let this process use ``cpu_seconds`` from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime) + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    """Answer requests on standard input until it closes."""
    settings = json.loads(sys.argv[1])
    limits, ocr = Limits(**settings["limits"]), OcrSettings(**settings["ocr"])
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Nothing a library prints may mix with the frames.
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    _confine(limits)

    from router.reading.read import read_item, read_pages
    from router.reading.render import page_picture

    while (frame := wire.receive(source)) is not None:
        head, body = frame
        request = wire.decode_request(head)
        _limit_processor_time(limits)
        picture = b""
        try:
            if isinstance(request, wire.ReadRequest):
                reading = read_item(body, limits, ocr, threads=request.threads, first_pages=request.first_pages)
                answer = wire.Answer(reading=reading)
            elif isinstance(request, wire.PagesRequest):
                pages, problems = read_pages(body, request.numbers, limits, ocr, threads=request.threads)
                answer = wire.Answer(pages=pages, problems=problems)
            else:
                picture = page_picture(body, request.page, limits, dpi=request.dpi, rotation=request.rotation)
                answer = wire.Answer()
        except PostweicheError as error:
            answer = wire.Answer(failure=wire.Failure(code=error.code, what=error.what, remedy=error.remedy))
        wire.send(target, answer, picture)


if __name__ == "__main__":
    main()
