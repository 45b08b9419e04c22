"""Files that are written: complete or not at all, each where it belongs, every character as it is."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PureWindowsPath
from typing import Any, BinaryIO

from epicrisis.document import Document
from epicrisis.errors import CorpusError


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only when it is complete: a full disk or a stop leaves the old one or none.

    A link stays one, and the file that it points to is written. A pipe or a device is written as it is.

    Raises CorpusError where the file cannot be written.
    """
    aside: Path | None = None
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as file:
                yield file
            return
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.parent / f".{target.name[:40]}.{os.getpid()}.part"  # 40: with 4 bytes each, still a name
        with aside.open("wb") as file:
            yield file
        os.replace(aside, target)
    except OSError as error:
        raise CorpusError(f"{path}: cannot be written: {error.strerror or type(error).__name__}") from error
    finally:
        if aside is not None:
            with suppress(OSError):
                aside.unlink(missing_ok=True)


def one_file(path: Path, suffix: str) -> Path:
    """The path itself, or `documents` with the suffix in it where it is a folder or has no suffix."""
    return path / f"documents{suffix}" if path.is_dir() or not path.suffix else path


def write_text(path: Path, text: str) -> None:
    """Raises CorpusError where the file cannot be written or the text holds half a character (a lone surrogate)."""
    write_bytes(path, encode(text, str(path)))


def write_bytes(path: Path, data: bytes) -> None:
    """Raises CorpusError where the file cannot be written."""
    with writing(path) as file:
        file.write(data)


def encode(text: str, name: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CorpusError(
            f"{name}: character {error.start} is a lone surrogate and cannot be written as UTF-8"
        ) from None


def json_bytes(data: Any, name: str) -> bytes:
    """One line of JSON without a newline. Raises CorpusError where a value is what JSON cannot hold."""
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise CorpusError(
            f"{name}: its meta, or a value of an attribute or label, is what JSON cannot hold (a set, NaN, an object "
            f"of a program): {type(error).__name__}"
        ) from None
    return encode(text, name)


def place(folder: Path, document_id: str, suffix: str) -> Path:
    """Where the document's file goes below the folder.

    Raises CorpusError where the id would lead out of the folder, or would be read back as another id.
    """
    parts = document_id.split("/")
    bad = any(not part or part.startswith(".") or "\\" in part or "\0" in part for part in parts)
    if bad or PureWindowsPath(document_id).drive:
        raise CorpusError(
            f"document id {document_id!r} cannot be a file's name below {folder}: it is empty or absolute, or one of "
            f"its parts is empty, begins with a dot, or holds a backslash or NUL"
        )
    path = folder / (document_id + suffix)
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):  # resolve() would raise at a loop
        raise CorpusError(f"document id {document_id!r} leads out of {folder} through a link")
    return path


def each_once(documents: Iterable[Document], folder: Path) -> Iterator[Document]:
    """The documents as they come. Raises CorpusError where one would be written over another."""
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            raise CorpusError(f"{folder}: document id {document.id!r} stands twice; the second would replace the first")
        seen.add(document.id)
        yield document


def one_by_one(
    write_document: Callable[[Document, Path], Counter[str]],
) -> Callable[[Iterable[Document], Path], Counter[str]]:
    """What writes all documents into a folder, each by files of its own, and sums what was lost.

    It raises CorpusError where an id stands twice, and as `write_document` does.
    """

    def write(documents: Iterable[Document], path: Path) -> Counter[str]:
        lost: Counter[str] = Counter()
        for document in each_once(documents, path):
            lost += write_document(document, path)
        return lost

    return write
