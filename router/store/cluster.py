# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The embedded PostgreSQL: a private server under the data folder, which nobody has to administer.

It listens on a Unix socket inside its own folder and nowhere else, lets in by peer authentication, keeps data
checksums and never answers before a commit is on disk. The server reaches its folder through an open directory,
so that it runs as an unprivileged user even below a folder that user may not enter (``/root``, a 0700 home).
"""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import structlog
from sqlalchemy import URL

from router.errors import ConfigError, ConflictError, DependencyError, StorageError
from router.store import keeper
from router.store.installed import Account, find_programs, server_account
from router.texts import _

__all__ = ["Cluster", "claim_folder"]

_log = structlog.get_logger(__name__)
_NAME = "postweiche"
_START_SECONDS = 300.0
_LOCK_SECONDS = 90.0
_LONGEST_SOCKET = 107
# Children that outlive the object that started them while others use the server.
_keepers: "list[subprocess.Popen[bytes]]" = []
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # The default needs /dev/shm for parallel queries, of which containers have little.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "idle_in_transaction_session_timeout": "10min",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    # Neither statements nor the values in them reach the log: they are personal data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
}


class Cluster:
    """A private PostgreSQL server under a data folder; several processes may use it at once.

    Parameters
    ----------
    folder
        The data folder; the server lives in ``postgres`` below it and is made on first start.
    options
        Settings of PostgreSQL that replace the built-in ones.
    """

    def __init__(self, folder: Path, *, options: Mapping[str, str] | None = None) -> None:
        self.folder = folder.absolute()
        self.cluster = self.folder / "postgres"
        self._options = {**_SETTINGS, **(options or {})}
        self._locks = self.folder / "locks"
        self._users: int | None = None
        self._directory: int | None = None
        self._watch: threading.Thread | None = None
        self._leaving = threading.Event()

    def __enter__(self) -> "Cluster":
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Address of the database for SQLAlchemy; valid in this process only, while the cluster is started."""
        url = self._url(_NAME)
        # A blank is written as a plus sign, which PostgreSQL's own client takes for one.
        return f"{url.drivername}{str(url).removeprefix(url.drivername).replace('+', '%20')}"

    def start(self) -> None:
        """Make the server if there is none, start it if nobody did, and wait until it answers.

        Raises
        ------
        ConfigError
            When folder, user or version don't fit.
        DependencyError
            When PostgreSQL is not installed.
        StorageError
            When the server does not start.
        """
        if self._users is not None:
            return
        try:
            self._make_folders()
            self._users = self._lock("users", fcntl.LOCK_SH)
            self._ensure()
            self._create_database()
        except OSError as error:
            self.stop()
            raise StorageError(
                _("The database can't be started: {error}").format(error=error.strerror),
                item=str(error.filename or self.folder),
                remedy=_("look at free space and permissions of the data folder"),
            ) from error
        except BaseException:
            self.stop()
            raise
        self._leaving.clear()
        self._watch = threading.Thread(target=self._watch_keeper, name="postgres-watch", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Let go of the server; the last one waits until it is stopped."""
        if self._users is None:
            return
        self._leaving.set()
        if self._watch is not None:
            self._watch.join()
            self._watch = None
        users, self._users = self._users, None
        last = _try_lock(users, fcntl.LOCK_EX)
        # Without the lock either others use the server, or its keeper was faster and is stopping it already.
        os.close(users)
        if last or not self._free("users", fcntl.LOCK_SH):
            self._wait_for_end()
        if self._directory is not None:
            os.close(self._directory)
            self._directory = None

    @property
    def running(self) -> bool:
        """Whether a keeper is at work for this folder."""
        return self._locks.is_dir() and not self._free("keeper", fcntl.LOCK_EX)

    def _make_folders(self) -> None:
        for folder in (self.folder, self._locks):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise _unusable(folder, error) from error
        if not os.access(self.folder, os.R_OK | os.W_OK | os.X_OK):
            raise ConfigError(
                _("The data folder can't be written to"),
                item=str(self.folder),
                remedy=_("start the service as its owner, or choose another with POSTWEICHE_DATA"),
            )

    def _ensure(self) -> None:
        """Start a keeper unless one is at work; wait until the server answers."""
        with self._starting():
            if self.running and self._becomes_ready():
                return
            account = self._initialise()
            self._write_access_rules(account)
            self._wait_until_ready(self._start_keeper(account))

    @contextmanager
    def _starting(self) -> Iterator[None]:
        lock = self._lock("start", fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(lock)

    def _initialise(self) -> Account:
        """Make the server's folder if there is none; return the user who owns it."""
        account = server_account(self.cluster)
        if (self.cluster / "PG_VERSION").exists():
            if os.geteuid() == 0 and self.cluster.stat().st_uid == 0:
                _give(self.cluster, account)  # restored from a backup by root
            return account
        if self.cluster.exists():
            raise ConfigError(
                _("This folder is in the way of the database"),
                item=str(self.cluster),
                remedy=_("move it away, or choose another data folder with POSTWEICHE_DATA"),
            )
        programs = find_programs()
        fresh = self.cluster.with_suffix(".new")
        if fresh.exists():
            shutil.rmtree(fresh)  # an earlier start was cut off before it was complete
        fresh.mkdir(mode=0o700)
        _give(fresh, account)
        with _opened(fresh) as directory:
            made = subprocess.run(
                [
                    *_as_account(account),
                    programs.path("initdb"),
                    f"--pgdata=/proc/self/fd/{directory}",
                    f"--username={_NAME}",
                    "--data-checksums",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--auth=peer",
                    "--no-instructions",
                    *(["--no-sync"] if self._options["fsync"] == "off" else []),
                ],
                pass_fds=[directory],
                cwd="/",
                env=_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        if made.returncode != 0:
            last = (made.stderr.strip().splitlines() or ["?"])[-1]
            raise StorageError(
                _("The database can't be made: {error}").format(error=last),
                item=str(fresh),
                remedy=_("look at free space and permissions of the data folder"),
            )
        fresh.rename(self.cluster)
        _sync_folder(self.folder)
        _log.info("database_made", major=programs.major)
        return account

    def _write_access_rules(self, account: Account) -> None:
        """Let in the server's own user and root by the kernel's word, nobody else."""
        names = dict.fromkeys((account.name, "root"))
        rules = {
            "pg_hba.conf": f"local all {_NAME} peer map={_NAME}\nlocal replication {_NAME} peer map={_NAME}\n",
            "pg_ident.conf": "".join(f'{_NAME} "{name}" {_NAME}\n' for name in names),
        }
        for name, text in rules.items():
            handle, draft = tempfile.mkstemp(dir=self.cluster, prefix=name)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            if os.geteuid() == 0:
                os.chown(draft, account.uid, account.gid)
            Path(draft).rename(self.cluster / name)

    def _start_keeper(self, account: Account) -> subprocess.Popen[bytes]:
        major = int((self.cluster / "PG_VERSION").read_text(encoding="ascii"))
        programs = find_programs(major)
        command = [*_as_account(account, end_with_parent=True), programs.path("postgres"), "-D", "{folder}"]
        for name, value in self._options.items():
            command += ["-c", f"{name}={value}"]
        plan = {"cluster": str(self.cluster), "locks": str(self._locks), "command": command}
        with os.fdopen(_open_own(self.folder / "postgres.log", self.folder, os.O_TRUNC), "wb") as log:
            started = subprocess.Popen(
                # Isolated: the keeper runs the same whatever the environment says.
                [sys.executable, "-I", "-S", keeper.__file__, json.dumps(plan)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                start_new_session=True,
            )
        _keepers.append(started)
        return started

    def _becomes_ready(self) -> bool:
        """Wait for a server that somebody else started; false when it ends instead, as after a kill."""
        try:
            self._wait_until_ready(None)
        except StorageError:
            if self.running:
                raise
            return False
        return True

    def _wait_until_ready(self, started: "subprocess.Popen[bytes] | None") -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                with psycopg.connect(self._conninfo("postgres"), connect_timeout=5):
                    return
            except psycopg.OperationalError as error:
                problem = error
            ended = started.poll() is not None if started is not None else not self.running
            if ended or time.monotonic() > deadline:
                raise StorageError(
                    _("The database does not start"),
                    item=str(self.cluster),
                    remedy=_("see {log} and the folder log in the database's folder").format(
                        log=self.folder / "postgres.log"
                    ),
                ) from problem
            time.sleep(0.03)

    def _create_database(self) -> None:
        with self._starting(), psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_NAME]).fetchone():
                connection.execute(f"CREATE DATABASE {_NAME}")

    def _watch_keeper(self) -> None:
        """Start a new keeper when the old one was killed; it takes the server with it."""
        while not self._leaving.wait(1.0):
            if self.running:
                continue
            _reap()
            _log.warning("database_keeper_gone")
            try:
                self._ensure()
            except (StorageError, ConfigError, DependencyError) as error:
                _log.exception("database_not_restarted", code=error.code)

    def _wait_for_end(self) -> None:
        deadline = time.monotonic() + _LOCK_SECONDS
        while self.running and time.monotonic() < deadline:
            time.sleep(0.01)
        _reap()

    def _lock(self, name: str, kind: int) -> int:
        handle = _open_own(self._locks / name, self.folder)
        deadline = time.monotonic() + _LOCK_SECONDS
        while not _try_lock(handle, kind):
            if time.monotonic() > deadline:
                os.close(handle)
                raise StorageError(
                    _("The database is being started or stopped by another process and does not come to an end"),
                    item=str(self.cluster),
                )
            time.sleep(0.02)
        return handle

    def _free(self, name: str, kind: int) -> bool:
        handle = _open_own(self._locks / name, self.folder)
        try:
            return _try_lock(handle, kind)
        finally:
            os.close(handle)

    def _host(self) -> str:
        """Return the socket's folder as the client library takes it: short, and without commas."""
        plain = str(self.cluster)
        if len(os.fsencode(f"{plain}/.s.PGSQL.5432")) <= _LONGEST_SOCKET and "," not in plain:
            return plain
        if self._directory is None:
            self._directory = os.open(self.cluster, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._directory}"

    def _url(self, database: str) -> URL:
        return URL.create(
            "postgresql+psycopg", username=_NAME, database=database, query={"host": self._host(), "port": "5432"}
        )

    def _conninfo(self, database: str) -> str:
        return psycopg.conninfo.make_conninfo(host=self._host(), port=5432, user=_NAME, dbname=database)


@contextmanager
def claim_folder(folder: Path) -> Iterator[None]:
    """Be the only service on a data folder for as long as the ``with`` block lasts.

    Raises
    ------
    ConflictError
        When another service runs on it.
    """
    locks = folder.absolute() / "locks"
    try:
        locks.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(locks, error) from error
    handle = _open_own(locks / "serve", locks.parent)
    try:
        if not _try_lock(handle, fcntl.LOCK_EX):
            raise ConflictError(
                _("Another service runs on this data folder"),
                item=str(folder),
                remedy=_("stop it first, or choose another folder with POSTWEICHE_DATA"),
            )
        yield
    finally:
        os.close(handle)


def _reap() -> None:
    """Forget keepers that have ended."""
    for started in list(_keepers):
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(timeout=1.0)
            _keepers.remove(started)


def _unusable(folder: Path, error: OSError) -> ConfigError:
    return ConfigError(
        _("The data folder can't be used: {error}").format(error=error.strerror),
        item=str(folder),
        remedy=_("choose another with POSTWEICHE_DATA"),
    )


def _open_own(path: Path, folder: Path, flags: int = 0) -> int:
    """Open a file below the data folder for its owner: what root makes must not lock out the folder's user."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | flags, 0o600)
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)
        if path.parent != folder:
            os.lchown(path.parent, owner.st_uid, owner.st_gid)
    return handle


def _try_lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _environment() -> dict[str, str]:
    """Return an environment in which no setting of PostgreSQL or Python reaches the server by accident."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _as_account(account: Account, *, end_with_parent: bool = False) -> list[str]:
    program = shutil.which("setpriv")
    if program is None:
        raise DependencyError(_("The program setpriv is missing"), remedy=_("install the package util-linux"))
    drop = [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"] if os.geteuid() == 0 else []
    return [program, *drop, "--no-new-privs", *(["--pdeathsig=INT"] if end_with_parent else []), "--"]


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield directory
    finally:
        os.close(directory)


def _give(folder: Path, account: Account) -> None:
    if os.geteuid() != 0:
        return
    for path in (folder, *folder.rglob("*")):
        os.lchown(path, account.uid, account.gid)


def _sync_folder(folder: Path) -> None:
    with _opened(folder) as directory, contextlib.suppress(OSError):
        os.fsync(directory)
