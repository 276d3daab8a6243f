# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The one place that builds everything and runs it."""

import contextlib
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import structlog

from router.cli.console import print_error, say
from router.cli.language import speak, take_language
from router.errors import ConfigError, ConflictError, PostweicheError
from router.settings import Settings
from router.texts import _

if TYPE_CHECKING:
    from router.store.store import Store
    from router.work.desk import Desk

__all__ = ["DEMO_USERS", "main", "serve", "work"]

_log = structlog.get_logger(__name__)
DEMO_USERS = {"poststelle": ("mailroom",), "admin": ("admin",), "register": ("register",)}
"""Sign-ins of the sample office; the password is the same for all, and they exist on this machine only."""
_DEMO_PASSWORD = "postweiche-demo"  # noqa: S105 - printed for everybody to see, refused on any outside address
_LOCAL = ("127.0.0.1", "localhost", "::1")


def _log_to_stderr(level: int = logging.INFO) -> None:
    """Write events as JSON; tracebacks without variables, which may hold a letter's text."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@contextlib.contextmanager
def _worker(url: str, settings: Settings, desk: "Desk", stop: threading.Event) -> Iterator[threading.Thread]:
    from router.delivery.targets import all_targets
    from router.work.worker import run_worker

    thread = threading.Thread(
        target=run_worker, args=(url, settings, desk, stop), kwargs={"targets": all_targets()}, name="worker"
    )
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join()


def _listen(settings: Settings) -> socket.socket:
    """Take the port first: a second service must not start a database only to find it taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((settings.host, settings.port))
    except OSError as error:
        sock.close()
        raise ConfigError(
            _("Port {port} on {host} can't be used ({why})").format(
                port=settings.port, host=settings.host, why=error.strerror
            ),
            remedy=_("stop the other program, or set POSTWEICHE_PORT"),
        ) from error
    return sock


def _add_demo_users(store: "Store", settings: Settings) -> None:
    if settings.host not in _LOCAL:
        raise ConfigError(
            _("Demo users are only for this machine"), remedy=_("set POSTWEICHE_HOST to 127.0.0.1, or leave out demo")
        )
    for name, roles in DEMO_USERS.items():
        with contextlib.suppress(ConflictError):
            store.add_user(name, _DEMO_PASSWORD, roles, actor="demo")


def _greet(settings: Settings, store: "Store", desk: "Desk") -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    say("")
    say(
        _("Postweiche is ready: {url}").format(url=settings.public_url or f"http://{host}:{settings.port}"),
        style="bold",
    )
    office = desk.office
    say("  " + _("Office: {name}").format(name=office.name or _("none, set POSTWEICHE_OFFICE")))
    model = desk.model
    say("  " + _("Model: {name}").format(name=model.label if model else _("none yet, plan and case list alone decide")))
    if settings.demo:
        say("  " + _("Sign-ins of the sample office, password {password}:").format(password=_DEMO_PASSWORD))
        for name, roles in DEMO_USERS.items():
            say(f"    {name} ({', '.join(roles)})")
    elif not store.users():
        say("  " + _("Nobody can sign in yet → postweiche user add NAME --role admin"), style="yellow")
    say("  " + _("Stop with Ctrl+C"))


def serve(settings: Settings) -> None:
    """Run pages, REST and worker until a signal stops them.

    Raises
    ------
    ConfigError
        When the port is taken, or settings or data folder don't fit.
    ConflictError
        When another service runs on the data folder.
    """
    # What takes seconds to load is loaded by the commands that need it.
    import uvicorn

    from router.store.database import open_database
    from router.store.store import Store
    from router.web.app import create_app
    from router.work.desk import Desk

    _log_to_stderr()
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(contextlib.closing(_listen(settings)))
        database = stack.enter_context(open_database(settings, exclusive=True))
        store = Store(database.engine, settings.data)
        if settings.demo:
            _add_demo_users(store, settings)
        desk = stack.enter_context(Desk(settings, office_folder=settings.office, checks=store.checks))
        desk.warm_up()
        stop = threading.Event()
        stack.enter_context(_worker(database.url, settings, desk, stop))
        config = uvicorn.Config(
            create_app(store, desk, settings),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.public_url),
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        for number in (signal.SIGINT, signal.SIGTERM):
            # uvicorn stops at these and then sends them again to whoever handled them before; the default would end
            # the process there and then, with worker and database still running.
            signal.signal(number, lambda *_arguments: None)
        _greet(settings, store, desk)
        server.run(sockets=[sock])
        say(_("Stopping …"))


def work(settings: Settings) -> None:
    """Run a further worker until a signal stops it."""
    from router.store.database import open_database
    from router.store.store import Store
    from router.work.desk import Desk

    _log_to_stderr()
    with (
        open_database(settings) as database,
        Desk(settings, office_folder=settings.office, checks=Store(database.engine, settings.data).checks) as desk,
    ):
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_arguments: stop.set())
        with _worker(database.url, settings, desk, stop) as thread:
            while thread.is_alive() and not stop.is_set():
                time.sleep(0.2)


def main() -> None:
    """Run the command line; the entry point of ``postweiche``."""
    try:
        language, arguments = take_language(sys.argv[1:])
    except PostweicheError as error:
        speak(None)
        print_error(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_status)
    speak(language)
    _log_to_stderr(logging.WARNING)
    # Typer fixes its own words while it is imported, so the language comes first.
    from router.cli.commands import Programs, run

    sys.exit(run(arguments, Programs(serve, work)))
