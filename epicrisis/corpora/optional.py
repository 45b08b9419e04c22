"""Libraries that only some formats need: they come with an extra of the package."""

from importlib import import_module
from typing import Any

from epicrisis.errors import CorpusError


def library(name: str, extra: str) -> Any:
    """The module. Raises CorpusError, with what to install, where it is not there."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise CorpusError(f"this needs {error.name}: pip install 'epicrisis[{extra}]'") from None
