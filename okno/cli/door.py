"""The group of all commands; a subject's file is imported only when one of its commands is called."""

import importlib
import sys
from typing import NoReturn

import click

COMMANDS = {
    "demo": "okno.cli.demo:demo",
    "init": "okno.cli.installation:init",
    "config": "okno.cli.installation:config",
    "check": "okno.cli.installation:check",
    "doctor": "okno.cli.installation:doctor",
    "migrate": "okno.cli.installation:migrate",
    "admin": "okno.cli.installation:admin",
    "run": "okno.cli.serving:run",
    "up": "okno.cli.serving:up",
    "import": "okno.cli.files:import_files",
    "export": "okno.cli.files:export",
    "bills": "okno.cli.paper:bills",
    "cycle": "okno.cli.proofs:cycle",
    "ledger": "okno.cli.proofs:ledger",
    "outreach": "okno.cli.proofs:outreach",
    "penalty": "okno.cli.penalty:penalty",
    "talk": "okno.cli.talking:talk",
    "understand": "okno.cli.understanding:understand_phrase",
    "calendar": "okno.cli.installation:calendar",
    "law": "okno.cli.norms:law",
    "backup": "okno.cli.safekeeping:backup",
    "restore": "okno.cli.safekeeping:restore",
    "verify-backup": "okno.cli.safekeeping:verify_backup",
    "bench": "okno.cli.bench:bench",
    "translations": "okno.cli.translations:translations",
    "manage": "okno.cli.installation:manage",
}


class Subjects(click.Group):
    """Commands by name, loaded when called: `okno config` does not wait for a spreadsheet library."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=Subjects, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="okno", message="Окно %(version)s")
def okno() -> None:
    """Окно: одна система для тех, кто управляет домами."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command; an expected refusal is one Russian sentence and a code, not a traceback."""
    from config.environment import Misconfigured
    from okno.cli import refusals
    from okno.database.refusal import DatabaseRefusal

    try:
        refusals.require_text(sys.argv[1:] if arguments is None else arguments)
        done = okno.main(args=arguments, prog_name="okno", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as bare:
        # A group called alone: its help is the answer.
        bare.show()
        sys.exit(bare.exit_code)
    except click.ClickException as refusal:
        click.echo(f"okno: {refusals.sentence(refusal)}", err=True)
        sys.exit(refusal.exit_code)
    except click.Abort:
        click.echo("okno: прервано", err=True)
        sys.exit(1)
    except (Misconfigured, DatabaseRefusal) as refusal:
        click.echo(f"okno: {refusal}", err=True)
        sys.exit(1)
    sys.exit(done if isinstance(done, int) else 0)
