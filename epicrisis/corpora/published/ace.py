"""ACE 2004 and 2005: news, talk and web text with nested entities and the relations between them.

Source    Linguistic Data Consortium, LDC2005T09 (2004) and LDC2006T06 (2005)
Licence   LDC user agreement: get your own copy, never pass it on
Cite      Doddington et al. (2004), "The Automatic Content Extraction (ACE) Program", LREC; Walker et al. (2006), "ACE
          2005 Multilingual Training Corpus"
Files     `X.sgm` with `X.apf.xml`, in folders bc, bn, cts, nw, un, wl and so on; of the passes over ACE 2005,
          timex2norm is read before adj, fp1 and fp2 only where there is neither

The text of a document is its .sgm without every `<...>` and nothing else: `&amp;` stays five characters, what stands
before <TEXT> counts. Offsets of the annotations count in it, both ends included. Mentions outside of <TEXT> are counted
and left out, as published work does.

Work on nested entities takes a mention's extent (`ace-2004`, `ace-2005`), work on relations its head (`ace-2004-heads`,
`ace-2005-heads`): the commonest cause of figures that cannot be compared. An entity's type is that of the file (PER,
ORG ...), its attributes are `subtype`, `class` and `mention` (NAM, NOM, PRO, PRE); mentions of one entity are a group
of type COREFERENCE. A relation goes from Arg-1 to Arg-2, with the attribute `subtype`. Times, values and events are not
read. `meta["source"]` is the folder. English are 451 documents of ACE 2004 and 599 of ACE 2005. Splits are by lists of
papers, which are not shipped: 356, 41 and 46 documents of ACE 2004 and 370, 43 and 51 of ACE 2005 (Lu and Roth 2015).
"""

import html
import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files import xml_tree
from epicrisis.corpora.files.alignment import Stated, annotated_version, checked, squeezed
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.sources import BOM, Source, beside, ending, loaded, sources, text_of
from epicrisis.corpora.files.xml_tree import Node
from epicrisis.corpora.labels import COREFERENCE
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Document, Entity, Group, Relation, Span

ANNOTATIONS = ".apf.xml"
WANTED = "ACE files (*.sgm with *.apf.xml)"
PASSES = ("timex2norm", "adj", "fp1", "fp2")
_TAG = re.compile(r"<[^>]*>")


def read(path: Path, report: Report, *, heads: bool = False) -> Iterator[Document]:
    """heads: mentions are their heads, not their whole extents

    Raises CorpusError where the path does not exist or holds no such files.
    """
    files = sources(path, ending(".sgm", ANNOTATIONS), WANTED)
    if path.is_file() and (path.suffix == ".sgm" or path.name.endswith(ANNOTATIONS)):
        stem = path.name.removesuffix(ANNOTATIONS).removesuffix(".sgm")
        files = beside(path, lambda name: name in (f"{stem}.sgm", stem + ANNOTATIONS))
    return _read(files, report, heads=heads)


def _read(files: Sequence[Source], report: Report, *, heads: bool) -> Iterator[Document]:
    by_name: defaultdict[str, list[Source]] = defaultdict(list)
    for file in files:
        by_name[re.sub(r"(\.sgm|\.apf\.xml)$", "", file.path.name, flags=re.IGNORECASE)].append(file)
    for name in sorted(by_name):
        pair = _best(by_name[name], report)
        lone = next(iter(pair.values()))
        if ".sgm" not in pair:
            report.add(lone.name, None, "there is no text (.sgm) of these annotations")
        elif ".xml" not in pair:
            report.add(lone.name, None, f"there are no annotations (*{ANNOTATIONS}) of this text")
        else:
            document = _document(name, pair[".sgm"], pair[".xml"], report, heads=heads)
            if document is not None:
                yield document


def _best(files: Sequence[Source], report: Report) -> dict[str, Source]:
    """By suffix, the files of the folder that is the best of those in which the document lies, whole if it can be."""
    folders: defaultdict[PurePosixPath, dict[str, Source]] = defaultdict(dict)
    for file in files:
        folders[file.path.parent][file.path.suffix.lower()] = file

    def rank(folder: PurePosixPath) -> tuple[int, int, str]:
        order = PASSES.index(folder.name) if folder.name in PASSES else 0
        return -len(folders[folder]), order, str(folder)

    best = min(folders, key=rank)
    if len(folders) > 1:
        report.count("documents that lie in several folders (passes of annotation), read from one")
    return folders[best]


def _document(name: str, note: Source, file: Source, report: Report, *, heads: bool) -> Document | None:
    raw, data = text_of(note, report), loaded(file, report)
    root = None if raw is None or data is None else xml_tree.parse(data, file.name, report)
    if raw is None or root is None:
        return None
    reading = _Reading(file.name, report, heads=heads)
    for node in root.every("entity"):
        reading.entity(node)
    text = reading.placed(raw, note.name)
    for node in root.every("relation"):
        reading.relation(node)
    for _ in root.every("event_mention"):
        report.count("events, not read")
    for _ in root.every("timex2_mention", "value_mention"):
        report.count("times and values, not read")
    place = next((part for part in note.path.parts[-2::-1] if part not in PASSES), "")
    found = {"entities": tuple(reading.entities.values()), "relations": tuple(reading.relations.values())}
    groups = tuple(reading.groups())
    return made((file.name, 1), report, name, text, **found, groups=groups, meta={"source": place} if place else {})


def stripped(raw: str) -> tuple[str, Span]:
    """The text without tags, and from where to where <TEXT> reaches in it (all of it where there is no such tag)."""
    parts: list[str] = []
    length = end = 0
    bounds = {"<TEXT>": 0, "</TEXT>": -1}
    for match in _TAG.finditer(raw):
        parts.append(raw[end : match.start()])
        length += match.start() - end
        end = match.end()
        if match[0].upper() in bounds:
            bounds[match[0].upper()] = length
    parts.append(raw[end:])
    text = "".join(parts)
    return text, (bounds["<TEXT>"], len(text) if bounds["</TEXT>"] < 0 else bounds["</TEXT>"])


class _Reading:
    """The annotations of one file."""

    def __init__(self, file: str, report: Report, *, heads: bool) -> None:
        self.file, self.report, self.heads = file, report, heads
        self.stated: dict[str, tuple[Stated, Node, str]] = {}
        self.types: dict[str, Mapping[str, str]] = {}
        self.entities: dict[str, Entity] = {}
        self.relations: dict[str, Relation] = {}
        self.outside: set[str] = set()

    def problem(self, node: Node, cause: str) -> None:
        self.report.add(self.file, node.line, cause)

    def entity(self, node: Node) -> None:
        id, type = node.attributes.get("ID", ""), node.attributes.get("TYPE", "")
        if not id or not type or id in self.types:
            self.problem(node, "an entity needs an ID of its own and a TYPE")
            return
        self.types[id] = node.attributes
        for mention in node.each("entity_mention"):
            self.mention(mention, id)

    def mention(self, node: Node, entity: str) -> None:
        id = node.attributes.get("ID", "")
        part = node.find("head" if self.heads else "extent") or node.find("extent")
        words = None if part is None else part.find("charseq")
        if not id or words is None:
            self.problem(node, "a mention needs an ID and an extent")
            return
        start, end = words.attributes.get("START", ""), words.attributes.get("END", "")
        if not (start.isdecimal() and end.isdecimal() and len(start + end) < 30):
            self.problem(node, f"{id}: START and END are not whole numbers")
        elif id in self.stated:
            self.problem(node, f"{id} stands twice; the first was kept")
        else:
            stated = Stated(self.file, words.line, id, ((int(start), int(end) + 1),), words.text)
            self.stated[id] = (stated, node, entity)

    def placed(self, raw: str, note: str) -> str:
        """Makes the entities; returns the text on which they were made."""
        mentions = [_as_written(stated, stripped(raw)[0]) for stated, _, _ in self.stated.values()]
        version = annotated_version(stripped(raw)[0], note, mentions, self.report)
        raw = raw if version.startswith(BOM) else raw.removeprefix(BOM)
        if version != stripped(raw)[0]:
            raw = raw.replace("\r\n", "\n") if "\r\n" not in version else raw.replace("\n", "\r\n")
        text, (first, last) = stripped(raw)
        for id, (stated, node, entity) in self.stated.items():
            (start, end) = stated.pairs[0]
            if start < end and end <= len(text) and not first <= start < end <= last:
                self.report.count("mentions outside of <TEXT>, left out")
                self.outside.add(id)
                continue
            fragments = checked(_as_written(stated, text), text, self.report)
            if fragments:
                about = self.types[entity]
                named = {"subtype": about.get("SUBTYPE"), "class": about.get("CLASS")}
                named["mention"] = node.attributes.get("TYPE")
                attributes = {name: Attribute(value) for name, value in named.items() if value}
                self.entities[id] = Entity(about["TYPE"], fragments, id, attributes=attributes)
        return text

    def relation(self, node: Node) -> None:
        type = node.attributes.get("TYPE", "")
        if not type:
            self.problem(node, "a relation has no TYPE")
            return
        subtype = node.attributes.get("SUBTYPE")
        attributes = {"subtype": Attribute(subtype)} if subtype else {}
        for mention in node.each("relation_mention"):
            id = mention.attributes.get("ID", "")
            ends = dict(_arguments(mention))
            if not id or id in self.relations or not {"1", "2"} <= {*ends}:
                self.problem(mention, "a relation mention needs an ID of its own and two arguments")
            elif {ends["1"], ends["2"]} & self.outside:
                self.report.count("relations of mentions outside of <TEXT>, left out")
            elif not {ends["1"], ends["2"]} <= {*self.entities}:
                self.problem(mention, f"{id}: it refers to a mention that is not there")
            else:
                roles = ("Arg-1", "Arg-2")
                self.relations[id] = Relation(type, ends["1"], ends["2"], id, None, attributes, roles=roles)

    def groups(self) -> Iterator[Group]:
        kept = [(entity, id) for id, (_, _, entity) in self.stated.items() if id in self.entities]
        for _, pairs in itertools.groupby(sorted(kept), key=lambda pair: pair[0]):
            members = [id for _, id in pairs]
            if len(members) > 1:
                yield Group(COREFERENCE, tuple(members))


def _arguments(node: Node) -> Iterator[tuple[str, str]]:
    """ "1" or "2" and the mention's id, as either release says it; times are no arguments of ours."""
    for argument in node.each("relation_mention_argument"):
        role = argument.attributes.get("ROLE", "")
        if role in ("Arg-1", "Arg-2"):
            yield role[-1], argument.attributes.get("REFID", "")
    for argument in node.each("rel_mention_arg"):
        yield argument.attributes.get("ARGNUM", ""), argument.attributes.get("ENTITYMENTIONID", "")


def _as_written(stated: Stated, text: str) -> Stated:
    """With the words of the text where they are the stored ones but for entities (`&amp;`), which the text keeps."""
    ((start, end),) = stated.pairs
    written = text[start:end]
    if "&" in written and squeezed(html.unescape(written)) == squeezed(stated.words or ""):
        return Stated(stated.file, stated.line, stated.id, stated.pairs, written)
    return stated


def _corpus(year: int, number: str, *, heads: bool) -> Corpus:
    what = "heads of mentions, with relations" if heads else "extents of mentions, nested, with relations"
    return Corpus(
        name=f"ace-{year}-heads" if heads else f"ace-{year}",
        title=f"ACE {year}: {what}",
        read=partial(read, heads=heads),
        licence="LDC user agreement; do not pass on",
        citation="Doddington et al. 2004, LREC" if year == 2004 else "Walker et al. 2006, LDC2006T06",
        languages=("en",),
        where=f"https://catalog.ldc.upenn.edu/{number}",
        reported={"documents": 451 if year == 2004 else 599},
        folders=(f"ace{year}", f"ace_{year}", f"ACE{year}", number),
        symmetric=("PER-SOC",),
    )


ACE_2004 = _corpus(2004, "LDC2005T09", heads=False)
ACE_2004_HEADS = _corpus(2004, "LDC2005T09", heads=True)
ACE_2005 = _corpus(2005, "LDC2006T06", heads=False)
ACE_2005_HEADS = _corpus(2005, "LDC2006T06", heads=True)
