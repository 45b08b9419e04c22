"""The files of a corpus, whether they lie in a folder or in archives (zip, tar): one list, read one at a time.

Nothing is ever unpacked onto the disk. An archive with a member whose name would lead out of it is refused whole:
nobody packs such a one by mistake.
"""

import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from epicrisis.corpora.files import BOM, decode, found
from epicrisis.corpora.report import Report
from epicrisis.errors import CorpusError

ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
MOST = 1 << 30
"""Bytes of one member: no note or file of annotations is larger, and a bomb is."""

Keep = Callable[[PurePosixPath], bool]


@dataclass(frozen=True)
class Source:
    """One file.

    path  below the folder or archive that was given; a member of an archive in a folder lies below the archive's stem
    name  what to call it in a problem
    load  raises OSError where it cannot be read
    """

    path: PurePosixPath
    name: str
    load: Callable[[], bytes]


def sources(path: Path, keep: Keep, wanted: str) -> list[Source]:
    """The files that `keep` wants: of an archive, of a folder and those below, or of the archives in the folder.

    Raises CorpusError where the path is missing, an archive cannot be read, or no file is wanted; `wanted` says what
    was looked for.
    """
    if path.is_file():
        if is_archive(path):
            return members(path, keep, wanted)
        return [Source(PurePosixPath(path.name), str(path), path.read_bytes)]
    files = found(path, ("",), wanted)
    kept = [file for file in files if keep(PurePosixPath(file.relative_to(path).as_posix()))]
    if kept:
        return [Source(PurePosixPath(file.relative_to(path).as_posix()), str(file), file.read_bytes) for file in kept]
    packed = [
        Source(PurePosixPath(_stem(archive)) / source.path, source.name, source.load)
        for archive in files
        if is_archive(archive)
        for source in _members(archive, keep)
    ]
    if not packed:
        raise CorpusError(f"{path}: the folder and those below it do not hold {wanted}")
    return packed


def beside(path: Path, keep: Callable[[str], bool]) -> list[Source]:
    """A file that was named, and those of its folder whose names are wanted with it."""
    files = [file for file in sorted(path.parent.iterdir()) if file == path or (keep(file.name) and file.is_file())]
    return [Source(PurePosixPath(file.name), str(file), file.read_bytes) for file in files]


def members(archive: Path, keep: Keep, wanted: str) -> list[Source]:
    """Raises CorpusError where it is no archive that can be read, leads out of itself, or holds no such files."""
    held = list(_members(archive, keep))
    if not held:
        raise CorpusError(f"{archive}: the archive does not hold {wanted}")
    return held


def loaded(source: Source, report: Report) -> bytes | None:
    try:
        return source.load()
    except OSError as error:
        report.add(source.name, None, f"cannot be read: {error.strerror or type(error).__name__}")
        return None


def text_of(source: Source, report: Report) -> str | None:
    data = loaded(source, report)
    return None if data is None else decode(data, source.name, report)


def lines(source: Source, report: Report) -> Iterator[tuple[int, str]]:
    """The lines that hold anything, with their numbers and without line break, CR and byte order mark.

    A line that is not UTF-8 is a problem of its own, and the others are given.
    """
    data = loaded(source, report)
    for number, line in enumerate((data or b"").removeprefix(BOM.encode()).split(b"\n"), start=1):
        decoded = decode(line.removesuffix(b"\r"), source.name, report, number)
        if decoded and decoded.strip():
            yield number, decoded


def part_of(path: PurePosixPath, root: str = "") -> str:
    """train, dev or test, as the nearest folder's name says it, `root` being that of the outermost; else ""."""
    for folder in (*path.parts[-2::-1], root):
        if match := re.search("train|dev|test", folder.lower()):
            return match[0]
    return ""


def is_archive(file: Path) -> bool:
    return file.name.lower().endswith(ARCHIVES)


def _stem(archive: Path) -> str:
    return next(archive.name[: -len(suffix)] for suffix in ARCHIVES[::-1] if archive.name.lower().endswith(suffix))


def _members(archive: Path, keep: Keep) -> Iterator[Source]:
    if archive.name.lower().endswith(".zip") or zipfile.is_zipfile(archive):
        return _zipped(archive, keep)
    return _tarred(archive, keep)


def _zipped(archive: Path, keep: Keep) -> Iterator[Source]:
    try:
        opened = zipfile.ZipFile(archive)
    except (OSError, zipfile.BadZipFile) as error:
        raise CorpusError(f"{archive}: no readable zip archive ({type(error).__name__})") from error
    for info in opened.infolist():
        path = _safe(archive, _decoded(info))
        if not info.is_dir() and not _hidden(path) and keep(path):
            yield Source(path, f"{archive}/{path}", _member(opened, info))


def _member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def load() -> bytes:
        if info.file_size > MOST:
            raise OSError(0, "it is larger than a gigabyte when unpacked")
        try:
            return opened.read(info)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise OSError(0, f"the archive is damaged or encrypted here ({type(error).__name__})") from error

    return load


def _decoded(info: zipfile.ZipInfo) -> str:
    """The member's name; archives from Chinese Windows have it in GB 18030 and do not say so."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        data = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _tarred(archive: Path, keep: Keep) -> Iterator[Source]:
    """A packed tar can only be read from front to back, so what is wanted is kept in memory."""
    try:
        with tarfile.open(archive) as opened:
            for info in opened:
                path = _safe(archive, info.name)
                if not info.isfile() or _hidden(path) or not keep(path):
                    continue
                file = opened.extractfile(info) if info.size <= MOST else None
                data = None if file is None else file.read()
                yield Source(path, f"{archive}/{path}", _held(data))
    except (OSError, tarfile.TarError, EOFError, zlib.error) as error:
        raise CorpusError(f"{archive}: no readable tar archive, or a damaged one ({type(error).__name__})") from error


def _held(data: bytes | None) -> Callable[[], bytes]:
    def load() -> bytes:
        if data is None:
            raise OSError(0, "it is larger than a gigabyte when unpacked")
        return data

    return load


def _safe(archive: Path, name: str) -> PurePosixPath:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or PureWindowsPath(name).drive:
        raise CorpusError(f"{archive}: a member's name leads out of the archive ({name!r}); it was not read")
    return path


def _hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
