"""What a corpus holds, drawn: mentions per type, lengths of documents, the words of each type as a cloud.

The figures of a corpus show words of its notes: they are for those who may see them.
"""

import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from epicrisis.corpora.counting import WHOLE, tokens_of
from epicrisis.corpora.files.output import write_bytes
from epicrisis.corpora.optional import library
from epicrisis.document import Document
from epicrisis.errors import CorpusError

MOST_WORDS = 200
"""In a cloud."""
FALLBACKS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "SimHei", "PingFang SC")
"""Fonts with Chinese characters, which Matplotlib's own lacks; the first that is installed."""


def draw(documents: Sequence[Document], statistics: Mapping[str, Any], folder: Path) -> list[Path]:
    """PNG files: `types.png`, `lengths.png`, and `words-TYPE.png` for every type; returns where they lie.

    statistics: of `statistics_of` for these documents

    Raises CorpusError where Matplotlib or wordcloud is missing, no installed font has the characters, or a file cannot
    be written.
    """
    words: dict[str, Counter[str]] = {}
    for document in documents:
        for entity in document.entities:
            words.setdefault(entity.type, Counter())[" ".join(document.words(entity).lower().split())] += 1
    made = []
    if words:
        _font("".join(chain(words, *words.values())))  # whether there is one, before anything is drawn
        made.append(_saved(_types(statistics), folder / "types.png"))
    made.append(_saved(_lengths([tokens_of(document) for document in documents]), folder / "lengths.png"))
    for type, file in zip(sorted(words), _files(sorted(words), folder), strict=True):
        shown = Counter({word: number for word, number in words[type].items() if word})
        if shown:
            made.append(_cloud(dict(shown.most_common(MOST_WORDS)), file))
    return made


def _types(statistics: Mapping[str, Any]) -> Any:
    """Bars, the most frequent type on top; a colour each part where there are parts."""
    types = statistics["types"]
    parts = [part for part in statistics["parts"] if part != WHOLE] or [WHOLE]
    figure = _figure(8, 1.5 + 0.25 * len(types))
    axes = figure.add_subplot()
    names = list(types)[::-1]
    left = [0] * len(names)
    for part in parts:
        numbers = [types[name][part] for name in names]
        axes.barh(range(len(names)), numbers, left=left, label=part)
        left = [before + number for before, number in zip(left, numbers, strict=True)]
    axes.set_yticks(range(len(names)), names, fontproperties=_font("".join(names)))
    for place, number in enumerate(left):
        axes.annotate(f"{number:,}", (number, place), (3, 0), textcoords="offset points", va="center", fontsize=8)
    axes.margins(x=0.1, y=0.01)
    axes.set_xlabel("mentions")
    if parts != [WHOLE]:
        axes.legend(loc="lower right")
    return figure


def _lengths(tokens: Sequence[int]) -> Any:
    figure = _figure(8, 4)
    axes = figure.add_subplot()
    axes.hist(tokens, bins=min(50, max(1, len(set(tokens)))))
    axes.set_xlabel("tokens of a document")
    axes.set_ylabel("documents")
    return figure


def _cloud(numbers: Mapping[str, int], file: Path) -> Path:
    font = _font("".join(numbers)).get_file()
    cloud = library("wordcloud", "figures").WordCloud(
        width=1200, height=600, background_color="white", random_state=1, font_path=font
    )
    data = io.BytesIO()
    cloud.generate_from_frequencies(numbers).to_image().save(data, format="PNG")
    write_bytes(file, data.getvalue())
    return file


def _files(types: Iterable[str], folder: Path) -> list[Path]:
    """A name for each type, without what file systems may not hold."""
    seen: Counter[str] = Counter()
    files = []
    for type in types:
        name = re.sub(r"[^\w.-]+", "_", type)[:60]
        seen[name.lower()] += 1
        more = f"-{seen[name.lower()]}" if seen[name.lower()] > 1 else ""
        files.append(folder / f"words-{name}{more}.png")
    return files


def _figure(width: float, height: float) -> Any:
    return library("matplotlib.figure", "figures").Figure(figsize=(width, height), layout="constrained")


def _saved(figure: Any, file: Path) -> Path:
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=120)
    write_bytes(file, data.getvalue())
    return file


def _font(text: str) -> Any:
    """A font with as many of the characters as any that is installed here.

    Raises CorpusError where none has the Chinese ones.
    """
    manager = library("matplotlib.font_manager", "figures")
    installed = {font.name for font in manager.fontManager.ttflist}
    names = ["DejaVu Sans", *(name for name in FALLBACKS if name in installed)]
    wanted = {ord(character) for character in text if not character.isspace()}
    best = max(names, key=lambda name: len(wanted & _characters(name)))
    missing = {character for character in wanted - _characters(best) if 0x3400 <= character <= 0x9FFF}
    if missing:
        raise CorpusError(
            f"no font of this machine has {len(missing)} of the Chinese characters: install one, such as Noto Sans CJK"
        )
    return manager.FontProperties(fname=manager.findfont(best))


@cache
def _characters(name: str) -> frozenset[int]:
    file = library("matplotlib.font_manager", "figures").findfont(name)
    return frozenset(library("matplotlib.ft2font", "figures").FT2Font(file).get_charmap())
