"""Bytes in, bytes out: finding, decoding and writing files so that no offset moves and no half file stays behind.

Text is decoded as it is: no universal newlines, no stripping, no normal form. Lines end at "\\n" and nowhere else, for
hospital text holds VT, FF, NEL and U+2028.
"""

import gzip
import json
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PureWindowsPath
from typing import Any, BinaryIO

from epicrisis.corpora.report import Report
from epicrisis.document import Document
from epicrisis.errors import CorpusError

BOM = "\ufeff"


def found(path: Path, suffixes: Sequence[str], wanted: str) -> list[Path]:
    """The file itself, or every file below the folder whose name ends so, in the order of their names.

    Hidden files and the `__MACOSX` folders of Apple's archives are passed over: they hold no notes. A link to a file
    is followed, one to a folder is not.

    Raises CorpusError where the path is missing or holds no such file, `wanted` says what was looked for, or where a
    folder cannot be listed.
    """
    if not path.exists():
        raise CorpusError(f"{path}: there is no such file or folder; {wanted} was looked for")
    if path.is_file():
        return [path]
    below = [Path(folder, name) for folder, _, names in os.walk(path, onerror=_not_listed) for name in names]
    files = [file for file in below if file.name.lower().endswith(tuple(suffixes))]
    files = [file for file in files if not _hidden(file.relative_to(path)) and (file.is_file() or file.is_symlink())]
    if not files:
        raise CorpusError(f"{path}: the folder and those below it do not hold {wanted}")
    return sorted(files, key=lambda file: file.relative_to(path).as_posix())


def identifier(file: Path, root: Path) -> str:
    """A document's id: where its file lies below the root, with `/` between folders and without the suffix."""
    relative = Path(file.name) if file == root else file.relative_to(root)
    name = relative.with_suffix("").as_posix()
    return os.fsencode(name).decode(
        "utf-8", "replace"
    )  # a name that is not UTF-8 must not put half characters in an id


def read_bytes(file: Path, report: Report) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError as error:
        report.add(str(file), None, f"cannot be read: {error.strerror or type(error).__name__}")
        return None


def decode(data: bytes, name: str, report: Report, line: int | None = None) -> str | None:
    """UTF-8, or a problem that names the first byte that is not."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        report.add(name, line, f"not UTF-8: byte {error.start}{' of the line' if line else ''} begins no character")
        return None


def decode_chinese(data: bytes, name: str, report: Report) -> str | None:
    """UTF-8, or else GB 18030, in which some copies of Chinese corpora were saved; that is a problem, too."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as first:
        wrong = first.start
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as second:
        report.add(name, None, f"neither UTF-8 (byte {wrong}) nor GB 18030 (byte {second.start})")
        return None
    report.add(name, None, f"not UTF-8: byte {wrong} begins no character; it was read as GB 18030")
    return text


def read_text(file: Path, report: Report) -> str | None:
    data = read_bytes(file, report)
    return None if data is None else decode(data, str(file), report)


def byte_lines(file: Path, report: Report) -> Iterator[tuple[int, bytes]]:
    """The lines of a file and their numbers, one at a time, without the newline and a leading byte order mark.

    A file whose name ends in .gz is unpacked while it is read.
    """
    try:
        with gzip.open(file) if file.suffix.lower() == ".gz" else file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                yield number, line.removesuffix(b"\n").removeprefix(BOM.encode() if number == 1 else b"")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        report.add(str(file), None, f"cannot be unpacked from here on: the file is damaged ({type(error).__name__})")
    except OSError as error:
        report.add(str(file), None, f"cannot be read: {error.strerror or type(error).__name__}")


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


def _not_listed(error: OSError) -> None:
    raise CorpusError(f"{error.filename}: the folder cannot be listed: {error.strerror}") from error


def _hidden(relative: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in relative.parts)
