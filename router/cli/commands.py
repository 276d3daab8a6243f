# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""All commands together, and the one place that turns errors into exit statuses."""

import sys
from collections.abc import Sequence
from typing import Any, cast

import structlog
import typer

from router.cli import letters, models, office, register, service
from router.cli.console import print_error
from router.cli.service import Programs
from router.errors import PostweicheError, TemporaryError, UsageError
from router.texts import _

__all__ = ["Programs", "run"]

_log = structlog.get_logger(__name__)
_BUG = 70
_INTERRUPTED = 130


def _application(programs: Programs) -> typer.Typer:
    app = typer.Typer(
        name="postweiche",
        help=_("Reads the incoming mail of a public office and routes it to the responsible post.")
        + "\n\n"
        + _("--lang de or --lang en chooses the language of any command."),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    letters.add_commands(app)
    office.add_commands(app)
    models.add_commands(app)
    register.add_commands(app)
    service.add_commands(app, programs)
    return app


def run(arguments: Sequence[str], programs: Programs) -> int:
    """Run one command and return its exit status (BSD sysexits, see ``router.errors``)."""
    as_json = "--json" in arguments
    command = typer.main.get_command(_application(programs))
    _translate_help(command)
    try:
        status = command.main(args=list(arguments), prog_name="postweiche", standalone_mode=False)
    except typer.TyperException as error:
        return _usage_error(error, as_json=as_json)
    except (typer.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except PostweicheError as error:
        print_error(error, as_json=as_json)
        return error.exit_status
    except BrokenPipeError:
        # Whoever read along has seen enough.
        sys.stderr.close()
        return 0
    except OSError as error:
        print_error(
            TemporaryError(
                _("The system refuses: {why}").format(why=error.strerror or type(error).__name__),
                item=str(error.filename) if error.filename else None,
                remedy=_("see: postweiche doctor"),
            ),
            as_json=as_json,
        )
        return TemporaryError.exit_status
    except Exception:  # noqa: BLE001
        # The edge of the program: a mistake of ours, with everything the log needs to find it.
        _log.exception("command_broke")
        return _BUG
    return int(status or 0)


def _usage_error(error: typer.TyperException, *, as_json: bool) -> int:
    # A group without a command shows its help; the library tells it as an error.
    if type(error).__name__ == "NoArgsIsHelpError":
        cast(Any, error).show()
        return UsageError.exit_status
    print_error(UsageError(_message(error), remedy=_("see: postweiche --help")), as_json=as_json)
    return UsageError.exit_status


def _message(error: typer.TyperException) -> str:
    """Return the error in the user's language; the library has fixed English words for these two."""
    param = getattr(error, "param", None)
    name = "/".join(getattr(param, "opts", ())) or str(getattr(param, "name", ""))
    kind = type(error).__name__
    if param is not None and kind == "MissingParameter":
        return _("{name} is missing").format(name=name)
    if param is not None and kind == "BadParameter":
        return _("The value of {name} can't be used").format(name=name)
    return str(error.format_message() if hasattr(error, "format_message") else error)


def _translate_help(command: Any, parent: typer.Context | None = None) -> None:
    """Put the fixed English words of the library's help into the user's language, in a command and all below it."""
    settings = {key: value for key, value in command.context_settings.items() if key == "help_option_names"}
    context = typer.Context(command, parent=parent, info_name=command.name, resilient_parsing=True, **settings)
    option = command.get_help_option(context)
    if option is not None:
        option.help = _("Show this help.")
    command.options_metavar = _("[OPTIONS]")
    if hasattr(command, "subcommand_metavar"):
        command.subcommand_metavar = _("COMMAND [ARGUMENTS] …")
    command.format_usage = lambda context, formatter: formatter.write_usage(
        context.command_path, " ".join(command.collect_usage_pieces(context)), prefix=_("Usage: ")
    )
    for param in command.get_params(context):
        if param.param_type_name == "argument":
            # Its type, a word of the programming language, would stand beside it.
            param.display_type_rich = lambda ctx: None
        elif param.metavar is None:
            param.metavar = "" if getattr(param, "is_flag", False) else _("VALUE")
    for child in getattr(command, "commands", {}).values():
        _translate_help(child, context)
