"""The command line: `epicrisis COMMAND ...`, each command in a module of its own, imported only when it is called.

Exit codes: 0 done; 1 done but for some inputs, or a corpus or file that failed; 2 a call that asks for something that
there is not; 130 interrupted. What went wrong is one sentence on stderr, without a word of a note.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from epicrisis.errors import EpicrisisError, ModelError, RecipeError, UsageError
from epicrisis.version import __version__

COMMANDS = {
    "extract": "entities, and labels, out of notes",
    "course": "how a label changes from note to note of a patient",
    "train": "a recipe on a corpus",
    "curves": "the loss of every epoch, as a figure",
    "tune": "the settings of a recipe that are best on dev",
    "evaluate": "a model's scores on a corpus",
    "bench": "recipes x corpora x seeds, into a table",
    "calibrate": "a model's scores and thresholds, fitted on other notes",
    "export": "a run's model, as a folder to hand on",
    "models": "models and recipes that there are",
    "corpus": "list, measure, check, convert and split corpora",
    "pretrain": "word vectors from plain text",
}


def run() -> None:
    """The console script."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    # Small matrices gain nothing from threads of BLAS, which would fight with those of `extract` and of torch.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = _parser(arguments)
    args = parser.parse_args(arguments)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except (RecipeError, ModelError, UsageError) as error:
        return _failed(str(error), 2)
    except EpicrisisError as error:
        return _failed(str(error), 1)
    except BrokenPipeError:  # the reader of our output, `head` perhaps, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _failed(f"{name}{error.strerror or type(error).__name__}", 1)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("epicrisis"):
            raise
        return _failed(f"this command needs {error.name}: pip install 'epicrisis[train]'", 2)
    except KeyboardInterrupt:
        return _failed("interrupted", 130)


def _failed(message: str, code: int) -> int:
    print(f"epicrisis: {message}", file=sys.stderr)
    return code


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser, with the options of the command that was called and only the names of the others."""
    parser = argparse.ArgumentParser(
        prog="epicrisis", description="Clinical text mining: free-text records become structured facts."
    )
    parser.add_argument("--version", action="version", version=f"epicrisis {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    called = next((word for word in arguments if word in COMMANDS), None)
    for name, help in COMMANDS.items():
        if name == called:
            import_module(f"epicrisis.cli.{name}").add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=help)
    return parser
