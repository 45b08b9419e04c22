"""Tables: the rows of a file with a header and a delimiter (CSV, TSV), one at a time and in constant memory.

As RFC 4180 has it: a field in quotation marks may hold line breaks and delimiters, a quotation mark in it is doubled,
a backslash is a backslash. Rows are counted as a spreadsheet does: the header is 1, and a row is one however many
lines it has.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper

from epicrisis.corpora.files.sources import Source, why
from epicrisis.corpora.report import Report

LONGEST_FIELD = 1 << 26
"""Characters: what is longer is a quotation that was never closed, not a note."""
LISTED = 1000
"""Rows of a file that are listed as faulty, the first ones; the others are counted."""
DELIMITERS = ",;\t|"


class Faults:
    """The faulty rows of one file: listed by their number as far as LISTED goes, then counted."""

    def __init__(self, file: Source, report: Report) -> None:
        self.file, self.report, self.number = file.name, report, 0

    def add(self, row: int, cause: str) -> None:
        self.number += 1
        if self.number <= LISTED:
            self.report.add(self.file, row, cause)
        else:
            self.report.count("faulty rows that are not listed")


def header(file: Source, report: Report, delimiter: str = "") -> tuple[list[str], str] | None:
    """The names of the columns and the delimiter; without a given one, the one that the header has most often.

    None, and a problem in the report, where the file cannot be read or its first line is no row.
    """
    try:
        with _opened(file) as lines:
            first = next(iter(lines), "")
        delimiter = delimiter or max(DELIMITERS, key=first.count)
        names = next(csv.reader([first], delimiter=delimiter, strict=True), [])
    except OSError as error:
        report.add(file.name, None, why(error))
    except csv.Error as error:
        report.add(file.name, 1, f"no row with the names of the columns: {error}")
    else:
        return [name.strip() for name in names], delimiter
    return None


def rows(file: Source, columns: Sequence[str], delimiter: str, faults: Faults) -> Iterator[tuple[int, dict[str, str]]]:
    """The number and the fields by column of every row that has as many as there are columns; empty rows are none."""
    number = 1
    try:
        with _opened(file) as lines:
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            next(reader, None)
            while True:
                number += 1
                usual = csv.field_size_limit(LONGEST_FIELD)  # one for the whole process, on which others rely
                try:
                    fields = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    ended = "unexpected end" in str(error)
                    faults.add(
                        number, "its quotation is never closed: the file ends in it" if ended else f"no row: {error}"
                    )
                    continue
                finally:
                    csv.field_size_limit(usual)
                if not fields:
                    continue
                if len(fields) != len(columns):
                    faults.add(number, f"{len(fields)} fields, but the header has {len(columns)}")
                elif any(map(_damaged, fields)):
                    faults.add(number, "not UTF-8")
                else:
                    yield number, dict(zip(columns, fields, strict=True))
    except OSError as error:
        faults.add(number, why(error, " from here on"))


@contextmanager
def _opened(file: Source) -> Iterator[TextIOWrapper]:
    """Bytes that are no UTF-8 become lone surrogates, so that they cost one row; a byte order mark is passed over."""
    with file.open() as data, TextIOWrapper(data, "utf-8-sig", errors="surrogateescape", newline="") as lines:
        yield lines


def _damaged(field: str) -> bool:
    return not field.isascii() and any("\udc80" <= character <= "\udcff" for character in field)
