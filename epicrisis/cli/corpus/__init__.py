"""`epicrisis corpus`: what corpora there are, what one holds, whether it is sound; converting, splitting, agreement.

Each command's `run` returns the exit code: 0 done, 1 done but for what is listed on stderr. Errors of the call and of
the files raise EpicrisisError, which the main program shows.
"""

from typing import Any

from epicrisis.cli.corpus import agree, check, convert, listing, split, stats

COMMANDS = {"list": listing, "stats": stats, "check": check, "convert": convert, "split": split, "agree": agree}


def add_parser(subparsers: Any) -> None:
    """Adds `corpus` and its commands; each sets `run`, a function of the parsed arguments."""
    parser = subparsers.add_parser("corpus", help="list, measure, check, convert, split and compare corpora")
    commands = parser.add_subparsers(dest="corpus_command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        added = commands.add_parser(name, help=command.HELP, description=command.HELP)
        added.add_argument("--json", action="store_true", help="print JSON instead of tables")
        added.set_defaults(run=command.run)
        command.add_arguments(added)
