"""Tables of what there is, by name: a module is imported when its entry is asked for, and the names cost nothing."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import TypeVar

Entry = TypeVar("Entry")


class OnDemand(Mapping[str, Entry]):
    """places: by the name of each entry its module below epicrisis.corpora and what it is called there, MODULE.NAME"""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)

    def __getitem__(self, name: str) -> Entry:
        entry: Entry = getattr(self.module(name), self._places[name].rpartition(".")[2])
        return entry

    def module(self, name: str) -> ModuleType:
        """Where the entry stands: its docstring tells all about it."""
        return import_module(f"epicrisis.corpora.{self._places[name].rpartition('.')[0]}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places
