# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Office documents to PDF by LibreOffice, where the machine has it."""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

__all__ = ["as_pdf", "is_installed"]

# Status of a first start, after which the program asks to be started again.
_AGAIN = (79, 81)
_STARTS = 3
_OPTIONS = ("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--nofirststartwizard")
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
# No macros and active content at all, nothing fetched from other files or addresses.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
</oor:items>
"""


def is_installed() -> bool:
    """Tell whether documents can be converted on this machine."""
    return _program() is not None


def as_pdf(data: bytes, suffix: str, seconds: float) -> bytes | None:
    """Return a document as PDF, or nothing where that fails or takes longer than `seconds`.

    The program runs in an empty profile of its own without network, and dies with the process that started it.

    Parameters
    ----------
    data
        The document.
    suffix
        Ending that names its kind, such as ``.docx``.
    seconds
        How long it may take.
    """
    program = _program()
    if program is None:
        return None
    deadline = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="office-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, target = folder / f"document{suffix}", folder / "out" / "document.pdf"
        source.write_bytes(data)
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
        command = [program, f"-env:UserInstallation={profile.as_uri()}", *_OPTIONS, "--convert-to"]
        command += ["pdf:writer_pdf_Export", "--outdir", str(target.parent), str(source)]
        for _start in range(_STARTS):
            if _run(command, folder, deadline - time.monotonic()) not in _AGAIN:
                break
        return target.read_bytes() if target.is_file() else None


@cache
def _program() -> str | None:
    """Return the program itself, past the scripts around it, so that it is the one process there is to end."""
    for name in ("soffice", "libreoffice"):
        if found := shutil.which(name):
            itself = Path(found).resolve().with_name("soffice.bin")
            return str(itself) if itself.is_file() else found
    return None


def _run(command: list[str], folder: Path, seconds: float) -> int | None:
    """Run the program; one that takes too long is killed with all it started."""
    environment = {"HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"}
    environment |= {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    library = ctypes.CDLL(None, use_errno=True)

    def confine() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if library.unshare(_CLONE_NEWNET) != 0 and os.geteuid() != 0:
            library.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)

    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        process_group=0,
        preexec_fn=confine,  # nothing else runs in this process while a file is taken apart
    ) as process:
        try:
            return process.wait(max(seconds, 0.1))
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
