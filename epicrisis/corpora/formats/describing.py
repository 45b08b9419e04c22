"""What a file of labels or a table means, said beside it in YAML: every command then reads it the same way.

file: comments.csv                            # the data; a path is relative to the description
columns: {text: comment, label: grade, id: nr}
values: {1: positive, 2: positive, 3: neutral, 4: negative, 5: negative}
labels: labels.csv                            # of notes that come without: a table with id, label and intensity
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from epicrisis.corpora.files.rows import Faults, header, rows
from epicrisis.corpora.files.sources import Source
from epicrisis.corpora.labels import SENTIMENTS
from epicrisis.corpora.report import Report, Strict
from epicrisis.document import Label
from epicrisis.errors import CorpusError, suggestion

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Description:
    """data: where the data lie; columns: what they are to us -> what they are called there; values: theirs -> ours."""

    data: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    labels: Path | None = None


def described(path: Path, keys: Iterable[str]) -> Description:
    """What a description says, if the path is one; else the path is the data.

    keys: those that this corpus can use, beside `file`

    Raises CorpusError where it cannot be read, has another key, or a value has the wrong shape.
    """
    if path.suffix.lower() not in SUFFIXES:
        return Description(path)
    data = _loaded(path)
    known = ["file", *keys]
    for key in data:
        if key not in known:
            raise CorpusError(f"{path}: no key {key!r} is known here.{suggestion(str(key), known)}")
    if any(isinstance(key, bool) for key in _mapping(data, "values", path)):
        raise CorpusError(f"{path}: YAML takes yes, no, on, off, true and false for something else: put them in quotes")
    columns, values = ({_plain(k): v for k, v in _mapping(data, key, path).items()} for key in ("columns", "values"))
    if "file" not in data or not all(isinstance(data.get(key, ""), str) for key in ("file", "labels")):
        raise CorpusError(f"{path}: it must say where the data lie, as in `file: comments.csv`; a path is a string")
    if not all(isinstance(name, str) for name in columns.values()):
        raise CorpusError(f"{path}: columns must give a name for each, as in `columns: {{text: comment}}`")
    if wrong := sorted({str(value) for value in values.values()} - set(SENTIMENTS)):
        raise CorpusError(f"{path}: values may become {', '.join(SENTIMENTS)}, but not {wrong[0]!r}")
    labels = path.parent / data["labels"] if "labels" in data else None
    return Description(path.parent / data["file"], columns, values, labels)


def sentiment(given: str, values: Mapping[str, str]) -> str | None:
    """The sentiment that a cell stands for: by the user's table, or as it is; None where it is off the scale."""
    plain = _plain(given)
    return values.get(plain) if values else plain.lower() if plain.lower() in SENTIMENTS else None


def number(given: str) -> float | None:
    """None where it is no finite number."""
    try:
        value = float(given)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def label(row: Mapping[str, Any], place: int, values: Mapping[str, str], faults: Faults) -> Label | None:
    """The sentiment of a row with `label` and perhaps `intensity`; what is off the scale is listed by row."""
    cell, grade = (str(row.get(key) if row.get(key) is not None else "").strip() for key in ("label", "intensity"))
    if not cell:
        faults.report.count("rows without a label")
        return None
    value = sentiment(cell, values)
    if value is None:
        wanted = "among the values of the description" if values else f"one of {', '.join(SENTIMENTS)}"
        faults.add(place, f"its label is not {wanted}; the row is kept without one")
        return None
    intensity = number(grade) if grade else None
    if grade and intensity is None:
        faults.add(place, "its intensity is no number; it is passed over")
    return Label(value, intensity=intensity)


def labels_of(file: Source, values: Mapping[str, str], report: Report) -> dict[str, tuple[int, Label]]:
    """Row and label by id, from a table of labels.

    Raises CorpusError where the table cannot be read or lacks a column.
    """
    read = header(file, Strict())
    columns, delimiter = read if read is not None else ([], "")
    if missing := {"id", "label"} - set(columns):
        raise CorpusError(f"{file.name}: no column {sorted(missing)[0]!r}; id and label are needed")
    faults = Faults(file, report)
    found: dict[str, tuple[int, Label]] = {}
    for place, row in rows(file, columns, delimiter, faults):
        id = row["id"].strip()
        if id in found:
            faults.add(place, f"its id has a label already, in row {found[id][0]}, which is kept")
        elif (one := label(row, place, values, faults)) is not None:
            found[id] = place, one
    return found


def _loaded(path: Path) -> dict[Any, Any]:
    import yaml

    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror or type(error).__name__}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise CorpusError(f"{path}: no YAML that can be read ({type(error).__name__})") from None
    if not isinstance(data, dict):
        raise CorpusError(f"{path}: a description is keys and values, as in `file: comments.csv`")
    return data


def _mapping(data: Mapping[Any, Any], key: str, path: Path) -> Mapping[Any, Any]:
    value = data.get(key, {})
    if not isinstance(value, Mapping):
        raise CorpusError(f"{path}: {key} must be keys and values, as in `{key}: {{a: b}}`")
    return value


def _plain(value: object) -> str:
    """A cell as text: 1, "1" and "1.0" are one value, whatever program wrote them."""
    text = str(value).strip()
    whole = number(text)
    return str(int(whole)) if whole is not None and whole.is_integer() else text
