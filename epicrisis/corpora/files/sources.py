"""The files of a corpus, in a folder or in archives, packed (.gz) or not: one list, each opened when it is read.

Text is decoded as it is: no universal newlines, no stripping, no normal form. Lines end at "\\n" and nowhere else, for
hospital text holds VT, FF, NEL and U+2028.
"""

import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from epicrisis.corpora.report import Report
from epicrisis.errors import CorpusError

if TYPE_CHECKING:
    import gzip

BOM = "\ufeff"
PACKED = ".gz"
PARTS = {"valid": "dev", "testa": "dev"}
"""What some names call the parts train, dev and test; testa is CoNLL's."""
_PART = re.compile(r"(?<![a-z])(?:train|dev|valid|testa\b|test)|Train|Dev|Valid|Test|TRAIN|DEV|VALID|TEST")
"""A word of its own: in "latest" there is no test."""
_OWN_PART = re.compile(
    r"(?<![a-z])(?:(?P<train>train(?:ing)?)|(?P<dev>dev(?:elopment)?|val(?:id(?:ation)?)?)|(?P<test>test(?:ing)?))(?![a-z])"
)
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
ZIPPED = b"PK\x03\x04"
"""How a zip archive begins, whatever it is called."""
_TERMS = re.compile(r"(readme|licen[cs]e|copying|(sha256|sha1|md5)sums?)([._ -].*)?", re.IGNORECASE)
"""Names of what lies beside the notes of a release and is none, be it called .txt as they are."""
MOST = 1 << 30
"""Bytes of one file that is read whole: no note or file of annotations is larger, and a bomb is."""
TOO_LARGE = "it holds more than a gigabyte"
DAMAGED = "what is packed is damaged, or needs a password"

Keep = Callable[[PurePosixPath], bool]
Opener = Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Source:
    """One file. A file packed with gzip is the file in it.

    path  below the folder or archive that was given, without `.gz`; a member of an archive in a folder lies below the
          archive's stem
    name  what to call it in a problem
    open  its bytes; opening and reading raise OSError where they cannot be had
    """

    path: PurePosixPath
    name: str
    open: Opener

    @property
    def id(self) -> str:
        """The path without the suffix, as ids of documents have it: no half characters where a name is not UTF-8."""
        return os.fsencode(self.path.with_suffix("")).decode("utf-8", "replace")


def sources(path: Path, keep: Keep, wanted: str) -> list[Source]:
    """The file itself, or the files that `keep` wants: of an archive, of a folder and those below, or else of the
    archives in the folder; in the order of their paths. Hidden ones are passed over, and so is a packed file beside
    the same unpacked, and a README, licence or list of checksums. A link to a file is followed, one to a folder is not.

    Raises CorpusError where the path is missing, a folder or an archive cannot be read, or no file is wanted; `wanted`
    says what was looked for.
    """
    if not path.exists():
        raise CorpusError(f"{path}: there is no such file or folder; {wanted} was looked for")
    if path.is_file() and not _is_archive(path) and not _begins(path, ZIPPED):
        return [named(path)]

    def wants(member: PurePosixPath) -> bool:
        return keep(member) and not _TERMS.fullmatch(member.name)

    if path.is_file():
        kept, kind = _members(path, wants), "the archive does"
    else:
        files = _below(path)
        found: dict[PurePosixPath, Source] = {}
        for file in files:
            source = _source(file, path)
            if wants(source.path):
                found.setdefault(source.path, source)
        kept = list(found.values()) or [
            Source(_stem(archive) / source.path, source.name, source.open)
            for archive in files
            if _is_archive(archive)
            for source in _members(archive, wants)
        ]
        kind = "the folder and those below it do"
    if not kept:
        raise CorpusError(f"{path}: {kind} not hold {wanted}")
    return kept


def named(file: Path) -> Source:
    """A file that somebody named."""
    return _source(file, file.parent)


def beside(path: Path, keep: Callable[[str], bool]) -> list[Source]:
    """A file that was named, and those of its folder whose names are wanted with it."""
    files = sorted(path.parent.iterdir())
    return [named(file) for file in files if file == path or (keep(file.name) and file.is_file())]


def ending(*suffixes: str) -> Keep:
    """Wants the files whose names, in any case, end so; `.gz` is not looked at."""
    return lambda path: path.name.lower().endswith(suffixes)


def why(error: OSError, place: str = "") -> str:
    """The cause of a problem. place: " from here on", where something was read before."""
    return f"cannot be read{place}: {error.strerror or type(error).__name__}"


def loaded(source: Source, report: Report) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    try:
        with source.open() as file:
            for part in iter(partial(file.read, 1 << 20), b""):
                size += len(part)
                if size > MOST:
                    raise OSError(0, TOO_LARGE)
                parts.append(part)
    except OSError as error:
        report.add(source.name, None, why(error))
        return None
    return b"".join(parts)


def text_of(source: Source, report: Report) -> str | None:
    data = loaded(source, report)
    return None if data is None else decode(data, source.name, report)


def lines(source: Source, report: Report) -> Iterator[tuple[int, str]]:
    """The lines and their numbers, one at a time, without line break, CR and a leading byte order mark.

    A line that is not UTF-8 is a problem of its own, and the others are given.
    """
    place = ""
    try:
        with source.open() as file:
            for number, data in enumerate(file, start=1):
                place = " from here on"
                content = data.removesuffix(b"\n").removesuffix(b"\r")
                content = content.removeprefix(BOM.encode()) if number == 1 else content
                line = decode(content, source.name, report, number)
                if line is not None:
                    yield number, line
    except OSError as error:
        report.add(source.name, None, why(error, place))


def decode(data: bytes, name: str, report: Report, line: int | None = None) -> str | None:
    """UTF-8, or a problem that names the first byte that is not."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        report.add(name, line, f"not UTF-8: byte {error.start}{' of the line' if line else ''} begins no character")
        return None


def chinese_text_of(source: Source, report: Report) -> str | None:
    """UTF-8, or else GB 18030, in which some copies of Chinese corpora were saved; that is a problem, too."""
    data = loaded(source, report)
    if data is None:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as first:
        wrong = first.start
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as second:
        report.add(source.name, None, f"neither UTF-8 (byte {wrong}) nor GB 18030 (byte {second.start})")
        return None
    report.add(source.name, None, f"not UTF-8: byte {wrong} begins no character; it was read as GB 18030")
    return text


def part_of(path: PurePosixPath, root: str = "") -> str:
    """train, dev or test, as the nearest folder's name says it, `root` being that of the outermost; else ""."""
    return next(filter(None, map(_part, (*path.parts[-2::-1], root))), "")


def split_of(source: Source) -> dict[str, str]:
    """What a file's own name says of its part, for `meta`; nothing where it says none."""
    part = _part(source.path.name)
    return {"split": part} if part else {}


def said_part(path: PurePosixPath, *, file: bool) -> str:
    """train, dev or test, as a folder of somebody's own says it by a word of its name, the nearest first; else "".

    file: the name of the file counts, too, for it holds many documents
    """
    names = path.parts[::-1] if file else path.parts[-2::-1]
    found = (match.lastgroup for name in names if (match := _OWN_PART.search(name.lower())))
    return next(found, None) or ""


def _part(name: str) -> str:
    match = _PART.search(name)
    return PARTS.get(match[0].lower(), match[0].lower()) if match else ""


def _source(file: Path, root: Path) -> Source:
    return _unpacked(PurePosixPath(file.relative_to(root).as_posix()), str(file), lambda: file.open("rb"))


def _members(archive: Path, keep: Keep) -> list[Source]:
    from epicrisis.corpora.files import archives  # here, for it brings much of the standard library along

    held = archives.members(archive, lambda path: keep(_without(path)))
    return [_unpacked(path, f"{archive}/{path}", opened) for path, opened in held]


def _unpacked(path: PurePosixPath, name: str, opened: Opener) -> Source:
    plain = _without(path)
    return Source(plain, name, opened if plain == path else partial(_unpacking, opened))


def _without(path: PurePosixPath) -> PurePosixPath:
    return path.with_suffix("") if path.suffix.lower() == PACKED else path


def _unpacking(opened: Opener) -> IO[bytes]:
    import gzip  # here, for few files are packed
    import zlib

    packed = opened()
    damage = (EOFError, zlib.error, gzip.BadGzipFile)
    return io.BufferedReader(Unpacking(gzip.GzipFile(fileobj=packed), damage, packed), 1 << 16)


class Unpacking(io.RawIOBase):
    """A file that is unpacked while it is read: damage is an OSError, and what was opened for it is closed with it."""

    def __init__(
        self, file: "IO[bytes] | gzip.GzipFile", damage: tuple[type[Exception], ...], *others: IO[bytes]
    ) -> None:
        self.file, self.damage, self.others = file, damage, others

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self.file.seekable()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self.file.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        try:
            data = self.file.read(len(buffer))
        except self.damage as error:
            raise OSError(0, DAMAGED) from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        for file in (self.file, *self.others):
            file.close()
        super().close()


def is_hidden(path: PurePath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def _is_archive(file: Path) -> bool:
    return file.name.lower().endswith(ARCHIVES)


def _stem(archive: Path) -> str:
    return next(archive.name[: -len(suffix)] for suffix in ARCHIVES[::-1] if archive.name.lower().endswith(suffix))


def _begins(file: Path, mark: bytes) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(mark)) == mark
    except OSError:
        return False  # whoever reads it says why


def _below(folder: Path) -> list[Path]:
    below = [Path(place, name) for place, _, names in os.walk(folder, onerror=_not_listed) for name in names]
    kept = [f for f in below if not is_hidden(f.relative_to(folder)) and (f.is_file() or f.is_symlink())]
    return sorted(kept, key=lambda file: file.relative_to(folder).as_posix())


def _not_listed(error: OSError) -> None:
    raise CorpusError(f"{error.filename}: the folder cannot be listed: {error.strerror}") from error
