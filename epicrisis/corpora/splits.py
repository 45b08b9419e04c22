"""Which documents are for training, for tuning and for the test, by document and written down by id.

A split ships with the package as `splits/CORPUS.json`: lists by name of the part, of ids or, where the copies of a
corpus name their documents each in another way, of hashes of the texts (`text_key`); `pmid:N` stands for all documents
of a report (`meta["pmid"]`). Parts that are called fold-0, fold-1 and so on are folds: one of them is named, and is the
test part, the next one dev, and the others are for training (`of_fold`). Of other corpora the files themselves say the
parts (`meta["split"]`). Near-duplicates stay on one side, so that no system is tested on what it has
learnt by heart; what an official test part shares with the documents for training is in the part `left_out`.
"""

import hashlib
import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

from epicrisis.corpora.labels import is_weak, label_names, refuse_weak_parts
from epicrisis.corpora.table import find
from epicrisis.document import Document
from epicrisis.errors import CorpusError, suggestion

Split = dict[str, tuple[str, ...]]
"""The ids of every part, in the order of the file or of the ids."""

LEFT_OUT = "left_out"
"""The part of documents that nothing is trained on or scored with, for they are near-duplicates of a test document."""
TEXT = "sha256:"
REPORT = "pmid:"
FOLD = "fold-"
PARTS: Mapping[str, float] = {"train": 0.8, "dev": 0.1, "test": 0.1}
SHINGLE = 8
SHARED = 0.5
HOLDERS = 100
"""A shingle is compared with this many earlier documents that hold it: boilerplate stands in thousands."""

_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]{1,2}|[^\W\u3400-\u9fff\uf900-\ufaff]+")


def load_split(
    name: str, documents: Iterable[Document] | None = None, *, strict: bool = True, fold: str | None = None
) -> Split:
    """The split that comes with the package, or else the one that the corpus's files say.

    documents: those that were read; without them, a split of the package is given as it is listed
    strict: every document that the split names is looked for, and every document is asked for its part
    fold: the one to test on; without it, folds are given as they are

    Raises CorpusError where the corpus has no split of its own or not this fold, the documents lack some that it names,
    or no document is given and the split stands in the corpus's files.
    """
    if not find(name).has_split:
        raise CorpusError(f"{name} has no split of its own: make one with `epicrisis corpus split {name}`")
    given = None if documents is None else list(documents)
    file = resources.files("epicrisis.corpora").joinpath("splits", f"{name}.json")
    if file.is_file():
        split = parse_split(json.loads(file.read_text("utf-8")), f"the split of {name}")
        if given is not None:
            split = resolved(split, given)
            refuse_weak_parts(split, given, name)
            if strict:
                check_split(split, (document.id for document in given), name)
        return split if fold is None else of_fold(split, fold, name)
    if fold is not None:
        raise CorpusError(f"{name} has no folds")
    if given is None:
        raise CorpusError(f"the split of {name} stands in its own files: give the documents that were read from them")
    split = official_split(given)
    refuse_weak_parts(split, given, name)
    if strict and (without := len(given) - sum(map(len, split.values()))):
        raise CorpusError(f"{name}: {without} documents do not say their part; leave out their files, or give a split")
    return split


def folds(name: str) -> tuple[str, ...]:
    """The folds that come with the package for a corpus; none for most."""
    file = resources.files("epicrisis.corpora").joinpath("splits", f"{name}.json")
    if not file.is_file():
        return ()
    return tuple(part for part in parse_split(json.loads(file.read_text("utf-8")), name) if part.startswith(FOLD))


def of_fold(split: Split, fold: str, name: str) -> Split:
    """The fold to test on, the next one as dev, the others for training. Raises CorpusError where there is no such."""
    names = [part for part in split if part.startswith(FOLD)]
    if fold not in names:
        raise CorpusError(f"{name}: no fold {fold!r}.{suggestion(fold, names)}")
    following = names[(names.index(fold) + 1) % len(names)]
    train = tuple(id for part in names if part not in (fold, following) for id in split[part])
    others = {part: ids for part, ids in split.items() if part not in names}
    return {"train": train, "dev": split[following], "test": split[fold], **others}


def official_split(documents: Iterable[Document]) -> Split:
    """The parts as `meta["split"]` says them; a document that says none is in none."""
    parts: dict[str, list[str]] = defaultdict(list)
    for document in documents:
        if "split" in document.meta:
            parts[str(document.meta["split"])].append(document.id)
    return {part: tuple(ids) for part, ids in parts.items()}


def text_key(text: str) -> str:
    """What a split list may have in place of an id: a hash of the text without its white space, which copies change."""
    return TEXT + hashlib.sha256("".join(text.split()).encode("utf-8")).hexdigest()[:16]


def resolved(split: Split, documents: Iterable[Document]) -> Split:
    """The split by ids: a hash stands for every document of that text, `pmid:N` for every one of that report.

    One that fits none stays, for `check_split`.
    """
    if not any(name.startswith((TEXT, REPORT)) for names in split.values() for name in names):
        return split
    ids: dict[str, list[str]] = defaultdict(list)
    for document in documents:
        ids[text_key(document.text)].append(document.id)
        ids[f"{REPORT}{document.meta.get('pmid', '')}"].append(document.id)
    return {part: tuple(id for name in names for id in ids.get(name, [name])) for part, names in split.items()}


def parse_split(data: Any, name: str) -> Split:
    """The parts of a split file: every key whose value is a list, of ids or hashes; other keys are remarks.

    Raises CorpusError where there is no part, or an id stands twice.
    """
    parts = {key: value for key, value in data.items() if isinstance(value, list)} if isinstance(data, dict) else {}
    if not parts:
        raise CorpusError(
            f'{name}: a JSON object of lists of ids was expected, such as {{"train": [...], "test": [...]}}'
        )
    ids = Counter(str(id) for part in parts.values() for id in part)
    twice = [id for id, number in ids.items() if number > 1]
    if twice:
        raise CorpusError(f"{name}: {len(twice)} ids stand twice, the first {', '.join(twice[:3])}")
    return {key: tuple(str(id) for id in part) for key, part in parts.items()}


def check_split(split: Split, ids: Iterable[str], name: str) -> None:
    """Raises CorpusError where the split names documents that are not there."""
    there = set(ids)
    missing = [id for part in split.values() for id in part if id not in there]
    if missing:
        shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        raise CorpusError(
            f"{name}: the split names {len(missing)} documents that the corpus lacks ({shown}). The folder is "
            f"incomplete, or another release"
        )


def split_hash(split: Mapping[str, Sequence[str]]) -> str:
    """sha256 over the ids of every part, whatever order they stand in."""
    canonical = json.dumps({name: sorted(ids) for name, ids in split.items()}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def make_split(
    documents: Iterable[Document], *, parts: Mapping[str, float] = PARTS, seed: int = 1, by: str = ""
) -> Split:
    """A split by document, near-duplicates on one side, the types of entity in proportion as far as that goes.

    parts: the share of each, taken relative to their sum. The same documents give the same split in any order.
    by: a key of `meta`, such as pmid: documents with the same value there stand on one side, too

    Documents with weak labels are added to `train`, those that belong with a document of another part to `left_out`.

    Raises CorpusError where an id stands twice, no share is positive, or there are weak labels and no part `train`.
    """
    everything = sorted(documents, key=lambda document: document.id)
    _check_ids(everything)
    given = [document for document in everything if not is_weak(document)]
    if len(given) < len(everything):
        if "train" not in parts:
            raise CorpusError(
                "documents with weak labels may only be trained on: a split of them needs the part `train`"
            )
        return _with_weak(make_split(given, parts=parts, seed=seed, by=by), everything, by)
    if not parts or min(parts.values()) < 0 or not sum(parts.values()):
        raise CorpusError("a split needs parts whose shares are 0 or more, and one that is not 0")
    shares = {name: share / sum(parts.values()) for name, share in parts.items()}
    contents = {document.id: _content(document) for document in given}
    groups = _kept_together(given, by)
    # The large groups first, for they fit in few places; those of one size in an order that only the seed decides.
    groups.sort(key=lambda group: (-len(group), _shuffled(seed, group[0])))
    total = _sum(contents.values())
    room = _sizes(len(given), shares)
    # How far the documents of a part, taken together, are from as many average ones.
    away: dict[str, dict[str, float]] = {name: dict.fromkeys(total, 0.0) for name in shares}
    split: dict[str, list[str]] = {name: [] for name in shares}
    for group in groups:
        content = _sum(contents[id] for id in group)
        offered = {type: content[type] - len(group) * number / len(given) for type, number in total.items()}
        fitting = [part for part in shares if shares[part] and room[part] >= len(group)]
        if fitting:
            name = min(fitting, key=lambda part: _cost(away[part], offered, total, shares[part]))
        else:
            name = max(shares, key=lambda part: room[part])
        room[name] -= len(group)
        split[name] += group
        for type, number in offered.items():
            away[name][type] += number
    return {name: tuple(sorted(ids)) for name, ids in split.items()}


def _with_weak(split: Split, documents: Sequence[Document], by: str) -> Split:
    part_of = {id: part for part, ids in split.items() for id in ids}
    made = {part: [*ids] for part, ids in {**split, LEFT_OUT: split.get(LEFT_OUT, ())}.items()}
    for group in _kept_together(documents, by):
        parts = {part_of[id] for id in group if id in part_of} - {"train"}
        made[LEFT_OUT if parts else "train"] += [id for id in group if id not in part_of]
    return {part: tuple(sorted(ids)) for part, ids in made.items() if ids or part in split}


def near_duplicates(documents: Iterable[Document]) -> list[tuple[str, ...]]:
    """Groups of ids whose texts are copies or share half of the shorter one's shingles of 8 tokens.

    A token is a word, or two Chinese characters: records in Chinese repeat phrases of eight characters all the time.

    Raises CorpusError where an id stands twice.
    """
    given = sorted(documents, key=lambda document: document.id)
    _check_ids(given)
    shingles = [_shingles(document.text) for document in given]
    parent = list(range(len(given)))
    holders: dict[int, list[int]] = defaultdict(list)
    first: dict[frozenset[int], int] = {}
    for index, own in enumerate(shingles):
        if own in first:  # a copy: thousands of them cost no comparison
            parent[index] = first[own]
            continue
        first[own] = index
        common: Counter[int] = Counter()
        for shingle in own:
            earlier = holders[shingle]
            common.update(earlier)
            if len(earlier) < HOLDERS:
                earlier.append(index)
        for other, number in common.items():
            smaller = min(len(own), len(shingles[other]))
            if number < SHARED / 2 * smaller or _root(parent, other) == _root(parent, index):
                continue
            if len(own & shingles[other]) >= SHARED * smaller:
                parent[_root(parent, index)] = _root(parent, other)
    groups: dict[int, list[str]] = defaultdict(list)
    for index, document in enumerate(given):
        groups[_root(parent, index)].append(document.id)
    return sorted(tuple(group) for group in groups.values() if len(group) > 1)


def _kept_together(given: Sequence[Document], by: str) -> list[list[str]]:
    """Groups of near-duplicates and of documents with the same value of `meta[by]`; each of the others by itself."""
    number = {document.id: index for index, document in enumerate(given)}
    parent = list(range(len(given)))
    of_value: dict[str, list[str]] = defaultdict(list)
    for document in given:
        if by and by in document.meta:
            of_value[str(document.meta[by])].append(document.id)
    for group in (*near_duplicates(given), *of_value.values()):
        for id in group[1:]:
            parent[_root(parent, number[id])] = _root(parent, number[group[0]])
    groups: dict[int, list[str]] = defaultdict(list)
    for document in given:
        groups[_root(parent, number[document.id])].append(document.id)
    return list(groups.values())


def _shingles(text: str) -> frozenset[int]:
    tokens = _TOKEN.findall(text.casefold())
    if len(tokens) <= SHINGLE:
        return frozenset([hash(tuple(tokens))])
    return frozenset(hash(tuple(tokens[start : start + SHINGLE])) for start in range(len(tokens) - SHINGLE + 1))


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index


def _check_ids(documents: Sequence[Document]) -> None:
    for one, other in itertools.pairwise(documents):
        if one.id == other.id:
            raise CorpusError(f"document id {one.id!r} stands twice: a split by id needs one id a document")


def _content(document: Document) -> Counter[str]:
    """What a part should get its share of: the mentions of every type, and the documents of every label."""
    return Counter([*(entity.type for entity in document.entities), *label_names(document)])


def _sum(contents: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for content in contents:
        total += content
    return total


def _sizes(number: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers of documents that add up; no part is empty while there are documents enough."""
    least = {name: int(share > 0 and number >= len(shares)) for name, share in shares.items()}
    sizes = {name: max(least[name], int(number * share)) for name, share in shares.items()}
    while (rest := number - sum(sizes.values())) != 0:
        step = 1 if rest > 0 else -1
        open_ = [name for name in shares if rest > 0 or sizes[name] > least[name]]
        sizes[max(open_, key=lambda name: step * (number * shares[name] - sizes[name]))] += step
    return sizes


def _cost(have: Mapping[str, float], offered: Mapping[str, float], total: Counter[str], share: float) -> float:
    """How much farther from the average document a part would get; a rare type weighs as much as a common one."""
    return sum(offered[type] * (2 * have[type] + offered[type]) / (share * number**2) for type, number in total.items())


def _shuffled(seed: int, id: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{id}".encode()).digest()
