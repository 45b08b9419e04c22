"""TAC KBP 2017: news and forum posts with entities, as Rich ERE (what "KBP17" of nested NER means) or as EDL.

Source    Linguistic Data Consortium; Rich ERE: LDC2015E29, LDC2015E68, LDC2016E31, LDC2017E02 and LDC2017E55
Licence   LDC user agreement: get your own copy, never pass it on
Cite      Ji et al. (2017), "Overview of TAC-KBP2017 13 Languages Entity Discovery and Linking", TAC
Files     Rich ERE: `X.rich_ere.xml` with the source `X.xml`, `X.cmp.txt`, `X.mpdf.xml` or `X.txt`; EDL: one or more
          `*.tab` of eleven columns with the sources; all of them anywhere below the path, packed or not

The text is the source file as it is, tags included: offsets count in it. Rich ERE has whole nominal extents
(`meta["annotation"]` is rich-ere), EDL heads (edl): a score on the one cannot be compared with one on the other. Where
there is any Rich ERE, EDL is not read. Several Rich ERE files of one source are put together. Attributes are `mention`
(NAM, NOM, PRO) and `specificity`; the entry of a knowledge base that EDL names is a code. A relation of Rich ERE goes
from its first to its second mention; one with a filler is counted and left out, and so are fillers and events. Mentions
of one entity are a group of type COREFERENCE. EDL's mention strings have white space folded and hyphens at line ends
joined; they are compared so.
Work on nested entities reports 866, 20 and 167 English documents of Rich ERE, with 31,236, 1,879 and 12,601 mentions.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files import xml_tree
from epicrisis.corpora.files.alignment import Stated, annotated_version, checked
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.sources import Source, ending, lines, loaded, sources, text_of
from epicrisis.corpora.files.xml_tree import Node
from epicrisis.corpora.labels import COREFERENCE
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Code, Document, Entity, Group, Relation
from epicrisis.errors import CorpusError

RICH = ".rich_ere.xml"
WANTED = "Rich ERE (*.rich_ere.xml) or EDL (*.tab) with the sources"
EDL_COLUMNS = 11
_PLACE = re.compile(r"(.+):(\d{1,15})[-\u2013](\d{1,15})")
_SOURCE = re.compile(r"(\.cmp|\.mpdf)?\.(xml|txt|sgm|df\.xml|nw\.xml)$", re.IGNORECASE)


@dataclass
class _Mentions:
    """What the files say of one source: mentions with type and attributes, the entity of each, and relations."""

    rows: dict[str, tuple[Stated, str, dict[str, Attribute], tuple[Code, ...]]] = field(default_factory=dict)
    entity_of: dict[str, str] = field(default_factory=dict)
    relations: list[tuple[str, int, Relation]] = field(default_factory=list)


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such files."""
    everything = sources(path, ending(".xml", ".txt", ".tab", ".sgm"), WANTED)
    rich = [file for file in everything if file.path.name.lower().endswith(RICH)]
    tabs = [file for file in everything if file.path.suffix.lower() == ".tab" and "quote" not in file.path.name]
    if not rich and not tabs:
        raise CorpusError(f"{path}: the folder and those below it do not hold {WANTED}")
    texts: defaultdict[str, list[Source]] = defaultdict(list)
    for file in everything:
        if not file.path.name.lower().endswith((RICH, ".tab")):
            texts[_SOURCE.sub("", file.path.name)].append(file)
    return _read(rich, tabs, texts, report)


def _read(
    rich: Sequence[Source], tabs: Sequence[Source], texts: dict[str, list[Source]], report: Report
) -> Iterator[Document]:
    found: defaultdict[str, _Mentions] = defaultdict(_Mentions)
    for file in rich:
        _rich(file, texts, found, report)
    for file in tabs if not rich else ():
        _edl(file, found, report)
    for name in sorted(found):
        held = found[name]
        first = next((stated for stated, *_ in held.rows.values()), None)
        if name not in texts:
            report.add(first.file if first else name, None, "the source of these annotations is not here")
            continue
        document = _document(name, texts[name][0], held, "rich-ere" if rich else "edl", report)
        if document is not None:
            yield document
    for name in (name for name in texts if name not in found):
        if rich:
            report.add(texts[name][0].name, None, f"there are no annotations (*{RICH}) of this source")
        else:
            report.count("sources that the gold of EDL does not name, not read")


def _document(name: str, source: Source, held: _Mentions, kind: str, report: Report) -> Document | None:
    text = text_of(source, report)
    if text is None:
        return None
    text = annotated_version(text, source.name, [stated for stated, *_ in held.rows.values()], report)
    entities: dict[str, Entity] = {}
    for id, (stated, type, attributes, codes) in held.rows.items():
        fragments = checked(_as_folded(stated, text), text, report)
        if fragments:
            entities[id] = Entity(type, fragments, id, attributes=attributes, codes=codes)
    relations = []
    for file, line, relation in held.relations:
        if relation.head in entities and relation.tail in entities:
            relations.append(relation)
        else:
            report.add(file, line, f"{relation.id}: it refers to a mention that is not there")
    members: defaultdict[str, list[str]] = defaultdict(list)
    for id in entities:
        members[held.entity_of[id]].append(id)
    groups = tuple(Group(COREFERENCE, tuple(ids)) for ids in members.values() if len(ids) > 1)
    language = next((part for part in source.path.parts if part in ("eng", "cmn", "spa")), "")
    meta = {"annotation": kind, **({"language": language} if language else {})}
    made_of = {"entities": tuple(entities.values()), "relations": tuple(relations), "groups": groups}
    return made((source.name, 1), report, name, text, **made_of, meta=meta)


def _as_folded(stated: Stated, text: str) -> Stated:
    """With the words of the text where they are the stored ones as EDL folds them."""
    ((start, end),) = stated.pairs
    words = text[start:end]
    folded = " ".join(re.sub(r"-\n", "-", words).split())
    if stated.words is not None and folded == " ".join(stated.words.split()):
        return Stated(stated.file, stated.line, stated.id, stated.pairs, words)
    return stated


def _rich(file: Source, texts: dict[str, list[Source]], found: defaultdict[str, _Mentions], report: Report) -> None:
    data = loaded(file, report)
    root = None if data is None else xml_tree.parse(data, file.name, report)
    if root is None:
        return
    if root.tag != "deft_ere":
        report.add(file.name, root.line, "it is no Rich ERE: the outermost element is not <deft_ere>")
        return
    own = root.attributes.get("source_id") or file.path.name[: -len(RICH)]
    name = own if own in texts else _SOURCE.sub("", PurePosixPath(own).name)
    if name not in texts:  # one source may be annotated in ranges: X_0-4000.rich_ere.xml
        name = re.sub(r"_\d+-\d+$", "", name)
    held = found[name]
    for entity in root.every("entity"):
        for node in entity.each("entity_mention"):
            _rich_mention(node, entity, file.name, held, report)
    for relation in root.every("relation"):
        for node in relation.each("relation_mention"):
            _rich_relation(node, relation, file.name, held, report)
    for node in root.every("event_mention", "filler"):
        report.count("fillers, not read" if node.tag == "filler" else "events, not read")


def _rich_mention(node: Node, entity: Node, file: str, held: _Mentions, report: Report) -> None:
    id, type = node.attributes.get("id", ""), entity.attributes.get("type", "")
    offset, length = node.attributes.get("offset", ""), node.attributes.get("length", "")
    if not id or not type or id in held.rows:
        report.add(file, node.line, "a mention needs an id of its own and an entity with a type")
    elif not (offset.isdecimal() and length.isdecimal() and len(offset + length) < 30):
        report.add(file, node.line, f"{id}: its offset and length are not whole numbers")
    else:
        words = node.find("mention_text")
        pair = (int(offset), int(offset) + int(length))
        stated = Stated(file, node.line, id, (pair,), None if words is None else words.text)
        named = {"mention": node.attributes.get("noun_type"), "specificity": entity.attributes.get("specificity")}
        attributes = {name: Attribute(value) for name, value in named.items() if value}
        held.rows[id] = (stated, type, attributes, ())
        held.entity_of[id] = entity.attributes.get("id", id)


def _rich_relation(node: Node, relation: Node, file: str, held: _Mentions, report: Report) -> None:
    id, type = node.attributes.get("id", ""), relation.attributes.get("type", "")
    ends = [end for end in (node.find("rel_arg1"), node.find("rel_arg2")) if end is not None]
    mentions = [end.attributes.get("entity_mention_id", "") for end in ends]
    if len(ends) == 2 and not all(mentions):
        report.count("relations with a filler, left out")
    elif len(ends) < 2 or not id or not type:
        report.add(file, node.line, "a relation mention needs an id, a type and two arguments")
    elif any(id == other.id for _, _, other in held.relations):
        report.add(file, node.line, f"{id} stands twice; the first was kept")
    else:
        subtype = relation.attributes.get("subtype")
        attributes = {"subtype": Attribute(subtype)} if subtype else {}
        roles = tuple(end.attributes.get("role", "") for end in ends)
        named = (roles[0], roles[1]) if all(roles) else ("Arg1", "Arg2")
        made_of = Relation(type, mentions[0], mentions[1], id, None, attributes, roles=named)
        held.relations.append((file, node.line, made_of))


def _edl(file: Source, found: defaultdict[str, _Mentions], report: Report) -> None:
    for number, line in lines(file, report):
        if not line.strip():
            continue
        columns = line.split("\t")
        place = _PLACE.fullmatch(columns[3].strip()) if len(columns) == EDL_COLUMNS else None
        if place is None or not columns[1] or not columns[5]:
            report.add(file.name, number, f"it is not {EDL_COLUMNS} columns with DOCUMENT:start-end in the fourth")
            continue
        held, id = found[place[1]], columns[1]
        if id in held.rows:
            report.add(file.name, number, "its mention id stands twice; the first was kept")
            continue
        stated = Stated(file.name, number, "the mention", ((int(place[2]), int(place[3]) + 1),), columns[2])
        codes = () if columns[4].startswith("NIL") or not columns[4] else (Code("KB", columns[4]),)
        held.rows[id] = (stated, columns[5], {"mention": Attribute(columns[6])} if columns[6] else {}, codes)
        held.entity_of[id] = columns[4] or id


CORPUS = Corpus(
    name="kbp-2017",
    title="TAC KBP 2017: news and forum posts with entities (Rich ERE, or the gold of EDL)",
    read=read,
    licence="LDC user agreement; do not pass on",
    citation="Ji et al. 2017, TAC",
    languages=("en", "zh", "es"),
    where="https://tac.nist.gov/2017/KBP (by the LDC)",
    reported={"documents": 866 + 20 + 167},
    folders=("kbp2017", "KBP2017", "tac_kbp_2017"),
)
