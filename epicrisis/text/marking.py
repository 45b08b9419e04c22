"""A note with its mentions marked, to be read once more: * dose * 5 mg * of * drug * warfarin *.

Zhou and Chen (2022), "An Improved Baseline for Sentence-level Relation Extraction", AACL, section 3.2: marks of
punctuation around a mention, with the name of its type, need no new words in any vocabulary. Ours: all mentions of a
note at once, the same mark for heads and tails.
"""

from dataclasses import replace

from epicrisis.document import Document

MARK = "*"


def mark(document: Document) -> Document:
    """The document with marks in its text; an entity's fragment is then its opening mark, "* type words *".

    Ids, relations and attributes stay. A discontinuous mention is marked from its first character to its last.
    """
    inserted: list[tuple[int, bool, int, int, str]] = []  # position, whether it opens, order there, which mention, what
    for number, entity in enumerate(document.entities):
        name = entity.type.replace("_", " ").replace("-", " ").lower()
        inserted.append((entity.end, False, entity.end - entity.start, number, f" {MARK} "))
        inserted.append((entity.start, True, 0, number, f" {MARK} {name} {MARK} "))
    pieces: list[str] = []
    done = length = 0
    spans: dict[int, tuple[int, int]] = {}
    for position, opens, _, number, words in sorted(inserted):  # what closes comes first, the shorter mention before
        pieces += [document.text[done:position], words]
        length += position - done + len(words)
        done = position
        if opens:
            spans[number] = (length - len(words) + 1, length - 1)
    text = "".join([*pieces, document.text[done:]])
    entities = tuple(replace(entity, fragments=(spans[n],)) for n, entity in enumerate(document.entities))
    return replace(document, text=text, entities=entities, segments=())
