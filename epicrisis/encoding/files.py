"""Word lists and vectors as they are handed on: plain or compressed."""

import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

DAMAGED = (OSError, EOFError, lzma.LZMAError, zlib.error)
"""What reading raises where a file is not there, cut off, or not compressed as its name says."""

_COMPRESSED: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}


def opened(file: Path) -> BinaryIO:
    """The bytes of a file, those inside where its name ends in .gz or .xz."""
    return cast(BinaryIO, _COMPRESSED.get(file.suffix, open)(file, "rb"))


def kind(file: Path) -> str:
    """What the name ends in, a compression left aside: ".vec" of "wiki.vec.gz"."""
    return (file.with_suffix("") if file.suffix in _COMPRESSED else file).suffix
