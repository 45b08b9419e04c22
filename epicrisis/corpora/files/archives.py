"""The members of archives (zip, tar), which are never unpacked onto the disk.

An archive with a member whose name would lead out of it is refused whole: nobody packs such a one by mistake. Hidden
members, links and the `__MACOSX` folders of Apple's archives are passed over: they hold no notes.
"""

import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from epicrisis.corpora.files.sources import DAMAGED, MOST, TOO_LARGE, Keep, Opener, Unpacking, is_hidden
from epicrisis.errors import CorpusError

DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError)
"""What the standard library raises where members are damaged, encrypted or packed in a way that it does not know."""


def members(archive: Path, keep: Keep) -> Iterator[tuple[PurePosixPath, Opener]]:
    """The path of every member that `keep` wants, and what opens it.

    Raises CorpusError where it is no archive that can be read, or leads out of itself.
    """
    if archive.name.lower().endswith(".zip") or zipfile.is_zipfile(archive):
        return _zipped(archive, keep)
    return _tarred(archive, keep)


def _zipped(archive: Path, keep: Keep) -> Iterator[tuple[PurePosixPath, Opener]]:
    try:
        opened = zipfile.ZipFile(archive)
    except (OSError, zipfile.BadZipFile) as error:
        raise CorpusError(f"{archive}: no readable zip archive ({type(error).__name__})") from error
    for info in opened.infolist():
        path = _safe(archive, _decoded(info))
        if not info.is_dir() and not is_hidden(path) and keep(path):
            yield path, partial(_member, opened, info)


def _member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return io.BufferedReader(Unpacking(opened.open(info), DAMAGE))
    except DAMAGE as error:
        raise OSError(0, DAMAGED) from error


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


def _tarred(archive: Path, keep: Keep) -> Iterator[tuple[PurePosixPath, Opener]]:
    """A packed tar can only be read from front to back, so what is wanted is kept in memory."""
    try:
        with tarfile.open(archive) as opened:
            for info in opened:
                path = _safe(archive, info.name)
                if info.isfile() and not is_hidden(path) and keep(path):
                    file = opened.extractfile(info) if info.size <= MOST else None
                    yield path, _too_large if file is None else partial(io.BytesIO, file.read())
    except (OSError, tarfile.TarError, *DAMAGE) as error:
        raise CorpusError(f"{archive}: no readable tar archive, or a damaged one ({type(error).__name__})") from error


def _too_large() -> IO[bytes]:
    raise OSError(0, TOO_LARGE)


def _safe(archive: Path, name: str) -> PurePosixPath:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or PureWindowsPath(name).drive:
        raise CorpusError(f"{archive}: a member's name leads out of the archive ({name!r}); it was not read")
    return path
