# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Commands around the service: start, further workers, mail from a pipe, users, audit, doctor."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from router.cli.console import print_json, print_table, say
from router.cli.context import json_option, office_option, settings_for
from router.errors import UsageError
from router.settings import Settings
from router.texts import _

if TYPE_CHECKING:
    from router.store.store import Store

__all__ = ["Programs", "add_commands"]

_TRY_AGAIN = 75
"""Exit status by which mail servers keep a message and try again; any other one would bounce it."""


@dataclass(frozen=True)
class Programs:
    """What runs until it is stopped; the app builds it.

    Attributes
    ----------
    serve, work
        The service, and a further worker.
    """

    serve: Callable[[Settings], None]
    work: Callable[[Settings], None]


@contextmanager
def _store(settings: Settings) -> Iterator["Store"]:
    from router.store.database import open_database
    from router.store.store import Store

    with open_database(settings) as database:
        yield Store(database.engine, settings.data)


def _password(name: str, *, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt(_("Password of {name}").format(name=name), hide_input=True, confirmation_prompt=True))


def add_commands(app: typer.Typer, programs: Programs) -> None:
    """Add ``serve``, ``worker``, ``intake-pipe``, ``user``, ``token``, ``audit`` and ``doctor``."""

    @app.command("serve", help=_("Start the service: pages, REST and worker."))
    def serve(
        office: Annotated[Path | None, office_option()] = None,
        host: Annotated[str | None, typer.Option("--host", help=_("Address to listen on."), show_default=False)] = None,
        port: Annotated[int | None, typer.Option("--port", help=_("Port to listen on."), show_default=False)] = None,
    ) -> None:
        programs.serve(settings_for(office, host=host, port=port))

    @app.command("worker", help=_("Start a further worker on the same database."))
    def worker(office: Annotated[Path | None, office_option()] = None) -> None:
        programs.work(settings_for(office))

    @app.command("intake-pipe", help=_("Take one message from standard input, for the mail server."))
    def intake_pipe(
        sender: Annotated[str, typer.Option("--sender", help=_("Sender on the envelope."))] = "",
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        from router.intake.intake import accept_message

        try:
            settings = settings_for()
            with _store(settings) as store:
                receipt = accept_message(
                    store,
                    sys.stdin.buffer.read(),
                    actor="intake-pipe",
                    sender=sender,
                    max_item_mib=settings.max_item_mib,
                )
        except Exception as error:
            # Whatever went wrong, the mail server must keep the letter and try again.
            say(_("Not stored: {error}").format(error=error if str(error) else type(error).__name__))
            raise typer.Exit(_TRY_AGAIN) from error
        if as_json:
            print_json({"id": str(receipt.item_id), "known": receipt.known})

    @app.command("doctor", help=_("Is everything there? What to do."))
    def doctor(
        office: Annotated[Path | None, office_option()] = None,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        from router.doctor import diagnose

        findings = diagnose(settings_for(office))
        if as_json:
            print_json([asdict(finding) for finding in findings])
        else:
            for finding in findings:
                say(
                    f"{'✓' if finding.ok else '✗'} {finding.name}: {finding.found}",
                    style="green" if finding.ok else "red",
                )
                if finding.remedy:
                    say(f"  → {finding.remedy}")
        raise typer.Exit(0 if all(finding.ok for finding in findings) else 69)

    _add_users(app)
    _add_audit(app)


def _add_users(app: typer.Typer) -> None:
    user = typer.Typer(help=_("Users of the pages and their tokens."), no_args_is_help=True)
    app.add_typer(user, name="user")

    @user.command("add", help=_("Add a user."))
    def add(
        name: Annotated[str, typer.Argument(metavar=_("NAME"), help=_("Name to sign in with."))],
        role: Annotated[list[str], typer.Option("--role", help=_("mailroom, admin or register; may be repeated."))],
        password_stdin: Annotated[
            bool, typer.Option("--password-stdin", help=_("Read the password from standard input."))
        ] = False,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        password = _password(name, from_input=password_stdin)
        with _store(settings_for()) as store:
            made = store.add_user(name, password, [part for entry in role for part in entry.split(",")], actor="cli")
        if as_json:
            print_json({"name": made.name, "roles": sorted(made.roles)})
        else:
            roles = ", ".join(sorted(made.roles))
            say("✓ " + _("{name} may sign in as: {roles}").format(name=made.name, roles=roles), style="green")

    @user.command("password", help=_("Set a new password."))
    def password(
        name: Annotated[str, typer.Argument(metavar=_("NAME"), help=_("Name to sign in with."))],
        password_stdin: Annotated[
            bool, typer.Option("--password-stdin", help=_("Read the password from standard input."))
        ] = False,
    ) -> None:
        new = _password(name, from_input=password_stdin)
        with _store(settings_for()) as store:
            store.change_user(name, password=new, actor="cli")
        say("✓ " + _("The password is changed"), style="green")

    @user.command("disable", help=_("Let a user sign in no longer."))
    def disable(name: Annotated[str, typer.Argument(metavar=_("NAME"), help=_("Name to sign in with."))]) -> None:
        with _store(settings_for()) as store:
            store.change_user(name, active=False, actor="cli")
        say("✓ " + _("{name} may no longer sign in").format(name=name), style="green")

    @user.command("list", help=_("List the users."))
    def list_users(as_json: Annotated[bool, json_option()] = False) -> None:
        with _store(settings_for()) as store:
            users = store.users()
        if as_json:
            print_json([{"name": user.name, "roles": sorted(user.roles), "active": user.active} for user in users])
        else:
            print_table(
                [_("Name"), _("Roles"), _("Active")],
                [[user.name, ", ".join(sorted(user.roles)), _("yes") if user.active else _("no")] for user in users],
            )

    @user.command("token", help=_("Make a token for programs; it is shown only once."))
    def token(
        name: Annotated[str, typer.Argument(metavar=_("NAME"), help=_("User the token acts for."))],
        scope: Annotated[list[str], typer.Option("--scope", help=_("What it may do, such as items:write."))],
        purpose: Annotated[str, typer.Option("--purpose", help=_("What it is for."))] = "cli",
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        scopes = [part for entry in scope for part in entry.split(",")]
        if not scopes:
            raise UsageError(_("A token needs at least one scope"), item="--scope")
        with _store(settings_for()) as store:
            secret = store.add_token(name, scopes, purpose)
        if as_json:
            print_json({"token": secret, "scopes": scopes})
        else:
            say(secret)


def _add_audit(app: typer.Typer) -> None:
    audit = typer.Typer(help=_("The record of who did what."), no_args_is_help=True)
    app.add_typer(audit, name="audit")

    @audit.command("verify", help=_("Prove that no record was changed, removed or slipped in."))
    def verify(as_json: Annotated[bool, json_option()] = False) -> None:
        with _store(settings_for()) as store:
            report = store.verify_audit()
        if as_json:
            print_json(asdict(report))
        elif report.ok:
            say("✓ " + _("{count} records, none altered").format(count=report.count), style="green")
        else:
            say("✗ " + _("The record was altered"), style="red")
            for problem in report.problems:
                say(f"  - {problem}")
        raise typer.Exit(0 if report.ok else 74)
