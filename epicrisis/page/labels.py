"""What a page shows of labels: those of the note, the words that carried them, and its sentences in their order.

A sentence begins with its label in words and has a faint tint; a word that carried a label has dots above it, and
behind it how it was found and its weight. Below the note stand the sentences as bars, a lane for each class, and as a
table. Nothing of this is said by colour alone.
"""

from collections.abc import Iterator, Mapping, Sequence

from epicrisis.document import SENTIMENTS, Document, Label, Segment, Value
from epicrisis.page.look import HUES
from epicrisis.page.marks import Stretch, plain, visible
from epicrisis.page.words import evidence, label, number, value

SENTENCE = "sentence"
SENTIMENT = "sentiment"
TINTS = {"negative": "h1", "neutral": "plain", "positive": "h7"}
"""Orange and blue, which hardly anyone takes for one another; other classes take hues in their order."""
LEAST = 0.12
"""The height of the lowest bar, as a share of its lane."""
LONGEST = 40
"""Characters of a word that are shown below the note."""


def main_label(document: Document) -> str:
    """The label that sentences are drawn by: the sentiment, else the first by name; "" where there is none."""
    names = {name for segment in _sentences(document) for name in segment.labels} or set(document.labels)
    return SENTIMENT if SENTIMENT in names else min(names, default="")


def stretches(document: Document, prefix: str) -> list[Stretch]:
    """Sentences with a label (ids prefix + "s" + n, counted from 1) and words (prefix + "w" + n) of the note."""
    name = main_label(document)
    tints = tints_of(segment.labels[name].value for segment in _labelled(document, name))
    found = []
    for row, segment in enumerate(_labelled(document, name), start=1):
        one = segment.labels[name]
        kind = f'<span class="sentence {tints[value(one.value)]}"'
        turn = f'<b class="turn" data-turn="{plain(_short(one))}"></b>'
        found.append(Stretch(*segment.span, "span", f'{kind} id="{prefix}s{row}">{turn}', f"{kind}>"))
    several = len({one.evidence for one in document.labels.values() if one.evidence}) > 1
    for row, (span, said) in enumerate(_words(document).items()):
        shares = dict.fromkeys(f"{f'{name}, ' if several else ''}{by} {weight:.2f}" for name, by, weight in said)
        share = f'<b class="share" data-share="{plain("; ".join(shares))}"></b>'
        found.append(Stretch(*span, "em", f'<em id="{prefix}w{row}">', "<em>", share))
    return found


def labels_of(document: Document, prefix: str, *, weak: bool) -> Iterator[tuple[str, str]]:
    """(name, HTML) of each label of the note, and after it of the words that carried it."""
    places = {span: row for row, span in enumerate(_words(document))}
    for name, one in sorted(document.labels.items()):
        yield name, plain(label(one, weak=weak))
        if one.evidence is None:
            continue
        words = []
        for start, end, weight in one.evidence.words:
            word = " ".join(document.text[start : min(end, start + LONGEST)].split())
            words.append(f'<a href="#{prefix}w{places[start, end]}"><bdi>{plain(word) or "␠"}</bdi></a> {weight:.2f}')
        listed = ", ".join(words) or "none"
        yield f"words for {name}", f'{listed} <span class="quiet">({plain(evidence(one.evidence))})</span>'


def course(document: Document, prefix: str) -> Iterator[str]:
    """The sentences in their order: bars and a table; nothing where none has a label."""
    name = main_label(document)
    sentences = _labelled(document, name)
    if not sentences:
        return
    labels = [segment.labels[name] for segment in sentences]
    yield f'<section class="course" aria-labelledby="{prefix}c">\n<h3 id="{prefix}c">Sentences by {plain(name)}</h3>\n'
    yield from _bars(labels)
    columns = {
        "Probability": [number(one.score) for one in labels],
        "Intensity": ["" if one.intensity is None else value(one.intensity) for one in labels],
        "Further labels": [
            plain("; ".join(f"{n} {label(one)}" for n, one in sorted(segment.labels.items()) if n != name))
            for segment in sentences
        ],
    }
    columns = {head: cells for head, cells in columns.items() if any(cells)}
    heads = "".join(f'<th scope="col">{head}</th>' for head in columns)
    yield (
        f'<details>\n<summary>Table of sentences</summary>\n<table aria-label="Sentences of {plain(document.id)}">\n'
        f'<thead><tr><th scope="col">Sentence</th><th scope="col">{plain(name)}</th>{heads}'
        f'<th scope="col" class="number">Characters</th></tr></thead>\n<tbody>\n'
    )
    for row, segment in enumerate(sentences):
        cells = "".join(f"<td>{cells[row]}</td>" for cells in columns.values())
        start, end = segment.span
        yield (
            f'<tr><td><a href="#{prefix}s{row + 1}">{row + 1}</a></td><td>{plain(value(labels[row].value))}</td>{cells}'
            f'<td class="number">{start}–{end}</td></tr>\n'
        )
    yield "</tbody>\n</table>\n</details>\n</section>\n"


def order_of(values: Iterator[Value] | Sequence[Value]) -> list[str]:
    """The classes as lanes, the best on top: the sentiments in their order, other classes by name."""
    found = {value(one) for one in values}
    return list(reversed(SENTIMENTS)) if found <= set(SENTIMENTS) else sorted(found)


def tints_of(values: Iterator[Value] | Sequence[Value]) -> dict[str, str]:
    """A CSS class for each class; numbers have none."""
    numbers: list[Value] = list(values)
    if any(_is_number(one) for one in numbers):
        return {value(one): "plain" for one in numbers}
    return {name: TINTS.get(name, f"h{5 * row % len(HUES)}") for row, name in enumerate(order_of(numbers))}


def _bars(labels: Sequence[Label]) -> Iterator[str]:
    """A lane for each class, whose bars are as high as their probability; numbers have one lane, from least to most."""
    values = [one.value for one in labels]
    tints = tints_of(values)
    numbers = [float(one) for one in values if _is_number(one)]
    if len(numbers) == len(values):
        lanes = [f"{min(numbers):g} to {max(numbers):g}"]
        places = [0] * len(values)
        reach = max(numbers) - min(numbers)
        heights = [(one - min(numbers)) / reach if reach else 1.0 for one in numbers]
        said = f"from {lanes[0]}"
    else:
        lanes = order_of(values)
        places = [lanes.index(value(one)) for one in values]
        strongest = max((abs(one.intensity) for one in labels if one.intensity is not None), default=0) or 1
        heights = [_height(one, strongest) for one in labels]
        said = ", ".join(f"{places.count(row)} {lane}" for row, lane in enumerate(lanes) if row in places)
    yield '<div class="bars"><div class="lanes" aria-hidden="true">'
    yield "".join(f"<span>{plain(lane)}</span>" for lane in lanes)
    yield (
        f'</div><svg role="img" aria-label="{len(labels)} sentence{"s" * (len(labels) != 1)} in order: {plain(said)}" '
        f'viewBox="0 0 {len(labels)} {len(lanes)}" preserveAspectRatio="none" class="lanes{min(len(lanes), 9)}">'
    )
    for row in range(1, len(lanes)):
        yield f'<path d="M0,{row}H{len(labels)}"/>'
    for row, (one, lane, share) in enumerate(zip(labels, places, heights, strict=True)):
        high = min(max(share, LEAST), 1.0) * 0.94
        yield (
            f'<rect class="{tints[value(one.value)]}" x="{row + 0.1:g}" y="{lane + 1 - high:.3f}" width="0.8" '
            f'height="{high:.3f}"><title>{row + 1}: {plain(label(one))}</title></rect>'
        )
    yield "</svg></div>\n"


def _height(one: Label, strongest: float) -> float:
    if one.score is not None:
        return one.score
    return 1.0 if one.intensity is None else abs(one.intensity) / strongest


def _short(one: Label) -> str:
    return visible(value(one.value)) + (f" {number(one.score)}" if one.score is not None else "")


def _is_number(one: Value) -> bool:
    return isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < 1e300


def _sentences(document: Document) -> list[Segment]:
    return [s for s in document.segments if s.kind == SENTENCE and s.span[0] < s.span[1]]


def _labelled(document: Document, name: str) -> list[Segment]:
    return [segment for segment in _sentences(document) if name in segment.labels]


def _words(document: Document) -> Mapping[tuple[int, int], list[tuple[str, str, float]]]:
    """(start, end) -> [(label, how it was found, weight)], in the order of the text."""
    found: dict[tuple[int, int], list[tuple[str, str, float]]] = {}
    for name, one in sorted(document.labels.items()):
        for start, end, weight in one.evidence.words if one.evidence else ():
            found.setdefault((start, end), []).append((name, one.evidence.by if one.evidence else "", weight))
    return dict(sorted(found.items()))
