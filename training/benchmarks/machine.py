# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""On what was measured: without it no time means anything."""

import datetime as dt
import os
import platform
import subprocess
from pathlib import Path

import sklearn
import spacy

__all__ = ["describe_machine"]


def describe_machine() -> dict[str, str]:
    """Return processor, cores, load, system and versions, never the machine's name."""
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "load": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "tesseract": _tesseract(),
        "scikit-learn": sklearn.__version__,
        "spacy": spacy.__version__,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _tesseract() -> str:
    try:
        found = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return "-"
    return found.stdout.split("\n", 1)[0].removeprefix("tesseract ").strip()
