# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The PostgreSQL programs of the machine, and the user they run as."""

import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from router.errors import ConfigError, DependencyError
from router.texts import _

__all__ = ["OLDEST", "Account", "Programs", "find_programs", "server_account"]

OLDEST = 13
"""Oldest major version the tables work with."""

_DEBIAN = Path("/usr/lib/postgresql")
_ACCOUNT = "postgres"


@dataclass(frozen=True, slots=True)
class Programs:
    """One installed version: its folder and major number."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        """Return the path of one program."""
        return str(self.folder / name)


@dataclass(frozen=True, slots=True)
class Account:
    """The user a server runs as."""

    name: str
    uid: int
    gid: int


def find_programs(major: int | None = None) -> Programs:
    """Find the server's programs: of `major` if given, else the newest.

    Raises
    ------
    DependencyError
        When PostgreSQL is not installed.
    ConfigError
        When it is, but not in the wanted version.
    """
    found = {programs.major: programs for folder in _folders() if (programs := _programs(folder))}
    usable = {number: programs for number, programs in found.items() if number >= OLDEST}
    if not usable:
        raise DependencyError(
            _("PostgreSQL {version} or newer is not installed").format(version=OLDEST),
            remedy=_("run make setup, or install the package postgresql"),
        )
    if major is None:
        return usable[max(usable)]
    if major not in found:
        raise ConfigError(
            _("The data folder was made by PostgreSQL {major}, but only {installed} is installed").format(
                major=major, installed=", ".join(str(number) for number in sorted(found))
            ),
            remedy=_("install the package postgresql-{major}, or move the data over with pg_upgrade").format(
                major=major
            ),
        )
    return found[major]


def _folders() -> list[Path]:
    folders = [path / "bin" for path in _DEBIAN.glob("*")]
    on_path = shutil.which("initdb")
    return [*([Path(on_path).resolve().parent] if on_path else []), *folders]


def _programs(folder: Path) -> Programs | None:
    if not all((folder / name).is_file() for name in ("postgres", "initdb")):
        return None
    if folder.parent.parent == _DEBIAN and folder.parent.name.isdigit():
        return Programs(folder, int(folder.parent.name))
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"(\d+)", said)
    return Programs(folder, int(match[1])) if match else None


def server_account(cluster: Path) -> Account:
    """Return the user the server of `cluster` runs as.

    PostgreSQL refuses to run as root; started by root it runs as the folder's owner, or as ``postgres``
    where that is root too.

    Raises
    ------
    ConfigError
        When the folder belongs to another user, or root finds no user to drop to.
    """
    me = os.geteuid()
    made = cluster.exists()
    owner = (cluster if made else cluster.parent).stat().st_uid
    if me != 0:
        if made and owner != me:
            raise ConfigError(
                _("The database belongs to another user"),
                item=str(cluster),
                remedy=_("start the service as that user or as root, or choose another data folder"),
            )
        return _account(me)
    if owner:
        return _account(owner)
    try:
        entry = pwd.getpwnam(_ACCOUNT)
    except KeyError as error:
        raise ConfigError(
            _("PostgreSQL does not run as root, and there is no user {name} to run it as").format(name=_ACCOUNT),
            remedy=_("start the service as an ordinary user, or create that user"),
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise ConfigError(
            _("The user with the number {uid} has no name, and PostgreSQL needs one").format(uid=uid),
            remedy=_("give the user an entry in /etc/passwd, or set POSTWEICHE_DATABASE_URL"),
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
