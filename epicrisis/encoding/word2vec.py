"""Word vectors in the files of word2vec, GloVe and fastText.

.txt, .vec  a word and its numbers a line, with spaces between; word2vec and fastText write a first line of two numbers,
            how many words there are and the size of a vector, GloVe does not
.bin        that first line, then each word, a space and its numbers as 32-bit floats (little endian); a line break may
            follow. A model that fastText saves as .bin is another format: its .vec is what can be read

Each may be compressed as .gz or .xz. Words come back as `WordIndexer` looks them up; of two that are the same then, the
first counts, which is the more frequent one.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.files import DAMAGED, kind, opened
from epicrisis.encoding.spellings import normalise
from epicrisis.errors import ModelError

LONGEST_WORD, LARGEST_SIZE = 10_000, 10_000
"""Bytes of a word and numbers of a vector: more, and the file is something else."""

Row = tuple[str, NDArray[np.float32]]


class _Bad(ValueError):
    """What is wrong with a line, none of its words in it."""


def read(file: Path) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """The words, each once, and (words, size) float32.

    Raises ModelError where the file is of another kind or cannot be read; a bad line is named by its number.
    """
    reader = READERS.get(kind(file))
    if reader is None:
        endings = ", ".join(READERS)
        raise ModelError(f"{file}: vectors are read from a folder, or from a file that ends in {endings} (.gz, .xz)")
    rows: dict[str, NDArray[np.float32]] = {}
    try:
        with opened(file) as stream:
            for word, row in reader(stream):
                rows.setdefault(normalise(word), row)
    except _Bad as error:
        raise ModelError(f"{file}, {error}") from None
    except DAMAGED as error:
        raise ModelError(f"{file}: no word vectors can be read here ({type(error).__name__})") from None
    if not rows:
        raise ModelError(f"{file}: there are no word vectors in it")
    return tuple(rows), np.stack(list(rows.values()))


def _text(stream: BinaryIO) -> Iterator[Row]:
    expected, size, number, lines = None, 0, 0, 0
    for number, line in enumerate(stream, start=1):
        if number == 1 and (header := _header(line)):
            expected, size = header
            continue
        word, *numbers = line.rstrip(b" \r\n").rsplit(b" ", size or -1)
        size = size or len(numbers)
        if not word or not size or len(numbers) != size:
            raise _Bad(f"line {number}: a word and {size or 'its'} numbers were expected")
        place = f"line {number}"
        yield _decoded(word, place), _finite(_numbers(numbers, place), place)
        lines += 1
    if expected not in (None, lines):
        raise _Bad(f"line {number}: the last of {lines} words, but the first line says {expected}")


def _binary(stream: BinaryIO) -> Iterator[Row]:
    header = _header(stream.readline(100))
    if header is None:
        raise _Bad("line 1: there should be two numbers; a .bin that fastText saved cannot be read, but its .vec can")
    count, size = header
    for number in range(1, count + 1):
        word = bytearray()
        while (byte := stream.read(1)) not in (b" ", b"") and len(word) < LONGEST_WORD:
            word += byte
        numbers = stream.read(4 * size)
        word = word.lstrip(b"\n")
        if byte != b" " or not word or len(numbers) != 4 * size:
            raise _Bad(f"word {number} of {count}: the file ends, or is no word2vec file")
        place = f"word {number}"
        yield _decoded(bytes(word), place), _finite(np.frombuffer(numbers, "<f4"), place)
    if stream.read(2).strip():
        raise _Bad(f"word {count}: more follows, but the first line says that this is the last")


READERS: dict[str, Callable[[BinaryIO], Iterator[Row]]] = {".txt": _text, ".vec": _text, ".bin": _binary}


def _header(line: bytes) -> tuple[int, int] | None:
    """How many words and how many numbers each, or None where the line says something else."""
    fields = line.split()
    if len(fields) != 2 or not all(field.isdigit() and len(field) < 12 for field in fields):
        return None
    count, size = map(int, fields)
    return (count, size) if 0 < size <= LARGEST_SIZE else None


def _decoded(word: bytes, place: str) -> str:
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError:
        raise _Bad(f"{place}: the word is no UTF-8") from None


def _numbers(fields: Iterable[bytes], place: str) -> NDArray[np.float64]:
    try:
        return np.fromiter(map(float, fields), np.float64)
    except ValueError:
        raise _Bad(f"{place}: what follows the word are no numbers") from None


def _finite(row: NDArray[np.floating], place: str) -> NDArray[np.float32]:
    if not np.abs(row).max() <= np.finfo(np.float32).max:  # NaN is not smaller either
        raise _Bad(f"{place}: a number is infinite, NaN or too large")
    return row.astype(np.float32)
