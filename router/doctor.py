# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Is everything there that the service needs, and how to mend what is not."""

import datetime as dt
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psycopg
from packaging.requirements import Requirement

from router.deciding.model import Releases
from router.deciding.standing import standing
from router.errors import PostweicheError
from router.facts.model import load_facts_model
from router.office.linter import lint
from router.office.office import Office, load_office
from router.settings import Settings
from router.store.installed import OLDEST, find_programs
from router.texts import _, ngettext

__all__ = ["Finding", "diagnose"]

_OLDEST_TESSERACT = (5, 0)
_FREE_GIB = 2.0
_MEMORY_GIB = 3.5
_TIMEOUT_SECONDS = 20
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
_SETUP = "make setup"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look showed.

    Attributes
    ----------
    name
        What was looked at, in words.
    ok
        False where the service, or part of it, can't work.
    found
        What is there.
    remedy
        What to do. Empty where nothing is to be done; advice where ``ok`` is true all the same.
    """

    name: str
    ok: bool
    found: str
    remedy: str = ""


def diagnose(settings: Settings) -> list[Finding]:
    """Look at everything the service needs on this machine.

    Parameters
    ----------
    settings
        As the service would use them.

    Returns
    -------
    list of Finding
        In the order in which to mend; no look hinders the next.
    """
    office, office_finding = _office(settings)
    looks: list[Callable[[], Finding]] = [
        _packages,
        lambda: _tesseract(settings.ocr_languages),
        _fonts,
        _office_suite,
        lambda: _database(settings),
        lambda: _folder(_("Data folder"), "POSTWEICHE_DATA", settings.data),
        lambda: _folder(_("Models folder"), "POSTWEICHE_MODELS", settings.models),
        lambda: office_finding,
        lambda: _rules(office),
        _facts_model,
        lambda: _model(settings, office),
        lambda: _machine(settings),
        lambda: _port(settings.host, settings.port),
    ]
    return [look() for look in looks]


def _packages() -> Finding:
    """Compare the installed packages with what the project asks for."""
    name = _("Python packages")
    wrong = []
    try:
        wanted = [Requirement(text) for text in metadata.requires("postweiche") or ()]
    except metadata.PackageNotFoundError:
        return Finding(name, False, _("Postweiche itself is not installed"), _("run: {command}").format(command=_SETUP))
    for requirement in wanted:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(_("{package} is missing").format(package=requirement.name))
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} {version} ({requirement.specifier})")
    if wrong:
        return Finding(name, False, ", ".join(wrong), _("run: {command}").format(command=_SETUP))
    count = len(wanted)
    return Finding(name, True, ngettext("{count} package fits", "{count} packages fit", count).format(count=count))


def _run(*command: str) -> str | None:
    """Return what a program prints, or ``None`` where it is missing or fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=True, errors="replace"
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout + done.stderr


def _tesseract(languages: str) -> Finding:
    name = "Tesseract"
    install = _("run: {command}").format(
        command="apt-get install tesseract-ocr tesseract-ocr-deu tesseract-ocr-eng tesseract-ocr-osd"
    )
    printed = _run("tesseract", "--version")
    version = re.search(r"tesseract v?(\d+)\.(\d+)\S*", printed or "")
    if printed is None or version is None:
        return Finding(name, False, _("not installed"), install)
    if (int(version[1]), int(version[2])) < _OLDEST_TESSERACT:
        needed = ".".join(str(part) for part in _OLDEST_TESSERACT)
        return Finding(name, False, version[0], _("version {version} or newer is needed").format(version=needed))
    present = set((_run("tesseract", "--list-langs") or "").split("\n"))
    missing = [language for language in (*languages.split("+"), "osd") if language not in present]
    if missing:
        packages = " ".join(f"tesseract-ocr-{language.replace('_', '-')}" for language in missing)
        return Finding(
            name,
            False,
            _("language data is missing: {languages}").format(languages=", ".join(missing)),
            _("run: {command}").format(command=f"apt-get install {packages}"),
        )
    return Finding(name, True, f"{version[0]}, {languages}")


def _office_suite() -> Finding:
    """Look for LibreOffice; letters from word processors are read without it too, but not shown as they look."""
    name = _("LibreOffice (optional)")
    if shutil.which("soffice") or shutil.which("libreoffice"):
        return Finding(name, True, _("found"))
    return Finding(name, True, _("not there: .docx, .odt and .rtf are read as text, old .doc files by a person"))


def _fonts() -> Finding:
    """Look for any scalable font; without one, printed register entries and sample letters stay empty."""
    name = _("Fonts")
    files = (path for folder in _FONT_FOLDERS for path in Path(folder).rglob("*.[to]tf"))
    found = next(files, None)
    if found is None:
        command = "apt-get install fonts-dejavu-core fonts-liberation"
        return Finding(name, False, _("none"), _("run: {command}").format(command=command))
    return Finding(name, True, str(found.parent))


def _database(settings: Settings) -> Finding:
    url = settings.database_url
    return _external(url.get_secret_value()) if url else _embedded(settings.data)


def _external(url: str) -> Finding:
    name = _("PostgreSQL (external)")
    # SQLAlchemy writes the driver into the scheme; the driver itself does not know it.
    plain = re.sub(r"^postgresql\+\w+://", "postgresql://", url)
    try:
        with psycopg.connect(plain, connect_timeout=5) as connection:
            version = connection.info.server_version
    except psycopg.Error:
        # The driver's message may hold the address and the user; the setting is enough to find both.
        return Finding(
            name, False, _("no connection"), _("check POSTWEICHE_DATABASE_URL, the network and the password")
        )
    major = version // 10000
    if major < OLDEST:
        remedy = _("version {version} or newer is needed").format(version=OLDEST)
        return Finding(name, False, _("version {version}").format(version=major), remedy)
    return Finding(name, True, _("version {version}").format(version=major))


def _embedded(data: Path) -> Finding:
    """Look for the programs, in the version that made the data folder's cluster if there is one."""
    name = _("PostgreSQL (own server)")
    try:
        made_by = int((data / "postgres" / "PG_VERSION").read_text(encoding="ascii"))
    except (OSError, ValueError):
        made_by = None
    try:
        return Finding(name, True, _("version {version}").format(version=find_programs(made_by).major))
    except PostweicheError as error:
        return Finding(name, False, error.what, error.remedy or _("run: {command}").format(command=_SETUP))


def _folder(name: str, setting: str, folder: Path) -> Finding:
    """Try to write, in the folder or where it would be made, and look at the space left."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    if not place.is_dir():
        return Finding(
            name,
            False,
            _("{path} is no folder").format(path=place),
            _("name another one: {setting}").format(setting=setting),
        )
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError:
        return Finding(
            name,
            False,
            _("{path} can't be written").format(path=place),
            _("change its owner or name another one: {setting}").format(setting=setting),
        )
    free = shutil.disk_usage(place).free / 2**30
    found = _("{path}, {free:.0f} GiB free").format(path=folder, free=free)
    if free < _FREE_GIB:
        return Finding(name, False, found, _("make room: at least {size:.0f} GiB").format(size=_FREE_GIB))
    return Finding(name, True, found)


def _office(settings: Settings) -> tuple[Office | None, Finding]:
    name = _("Office")
    if settings.office is None:
        advice = _("name its folder: POSTWEICHE_OFFICE or --office (docs/office.md)")
        return Office(), Finding(name, True, _("no folder is set; posts are those of the history"), advice)
    try:
        office = load_office(settings.office)
    except PostweicheError as error:
        return None, Finding(name, False, str(error), _("run: {command}").format(command="postweiche plan check"))
    found = _("{name}: {posts} posts, {cases} files").format(
        name=office.name or settings.office, posts=len(office.plan.posts) if office.plan else 0, cases=len(office.cases)
    )
    return office, Finding(name, True, found)


def _rules(office: Office | None) -> Finding:
    """Count what the linter would mention; gaps in a plan are the office's business and no failure."""
    name = _("Plan")
    if office is None or office.plan is None:
        return Finding(name, True, _("none"))
    count = len(lint(office.plan, dt.datetime.now().astimezone().date()))
    if count == 0:
        return Finding(name, True, _("no gaps or overlaps"))
    found = ngettext("{count} thing worth a look", "{count} things worth a look", count).format(count=count)
    return Finding(name, True, found, _("run: {command}").format(command="postweiche plan check"))


def _facts_model() -> Finding:
    name = _("Model of names and roles")
    try:
        return Finding(name, True, _("version {version}").format(version=load_facts_model().version[:12]))
    except PostweicheError as error:
        return Finding(name, False, str(error), error.remedy or _("run: {command}").format(command="make facts-model"))


def _model(settings: Settings, office: Office | None) -> Finding:
    name = _("Model in use")
    if office is None:
        return Finding(name, True, _("not looked at: the office can't be loaded"))
    try:
        model = Releases(settings.models).in_use(office.name)
    except PostweicheError as error:
        return Finding(name, False, str(error), error.remedy or _("see: postweiche models list"))
    if model is None:
        return Finding(
            name,
            True,
            _("none; plan and case list decide alone"),
            _("train one: postweiche train --history history.csv"),
        )
    said = standing(model.promise, None, target_error=settings.target_error, certainty=settings.certainty)
    return Finding(name, True, model.label, " ".join(said))


def _machine(settings: Settings) -> Finding:
    name = _("Machine")
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    found = _("{cores} cores, {memory:.1f} GiB of memory").format(cores=cores, memory=memory)
    advice = []
    if memory < _MEMORY_GIB:
        advice.append(_("4 GiB of memory are recommended"))
    if cores < 2:
        advice.append(_("two cores are recommended"))
    if settings.readers > cores:
        advice.append(_("POSTWEICHE_READERS asks for more readers than there are cores"))
    return Finding(name, True, found, "; ".join(advice))


def _port(host: str, port: int) -> Finding:
    name = _("Address")
    shown = f"{host}:{port}"
    try:
        family, kind, protocol, _canonical, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError:
        remedy = _("choose a port above 1023: POSTWEICHE_PORT")
        return Finding(name, False, _("{address} is not allowed").format(address=shown), remedy)
    except OSError:
        remedy = _("fine if the service is running already; else choose another: POSTWEICHE_PORT, POSTWEICHE_HOST")
        return Finding(name, True, _("{address} is in use or not of this machine").format(address=shown), remedy)
    return Finding(name, True, _("{address} is free").format(address=shown))
