"""UIMA CAS as XMI (cTAKES, INCEpTION, DKPro), by the library dkpro-cassis: `pip install 'epicrisis[corpora]'`.

https://uima.apache.org; Klie and Eckart de Castilho, "DKPro Cassis". A document is an `.xmi`, its types stand in the
nearest `TypeSystem.xml` (any `*typesystem*.xml`) beside it or in a folder above, packed or not. The text is that of the
initial view, or of the first view that has one. Offsets in the file count UTF-16 units; the library converts them.

An annotation is an entity; its type is the last part of its type's name, or, of a NamedEntity, its `value`. Strings,
numbers and truth values are attributes, an ontology concept (cTAKES) or an identifier (DKPro) is a code. Two references
(Governor and Dependent, arg1 and arg2, source and target) make a relation, whose type is its category, value or label,
or else its name. A reference from one entity to another, or links with roles, are relations named after the feature or
role. Tokens, sentences, parts of speech and the like are counted and left out, and so is what refers to them.

What our own writer wrote comes back as it was, with its ids; annotations that others added to it are counted.
"""

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files import xml_tree
from epicrisis.corpora.files.records import in_part, made
from epicrisis.corpora.files.sources import Source, beside, ending, loaded, sources
from epicrisis.corpora.formats.xmi_own import PREFIX, OwnReading, whole_of
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Code, Document, Entity, Relation
from epicrisis.errors import CorpusError

WANTED = "UIMA XMI (*.xmi with TypeSystem.xml)"
ANNOTATION = "uima.tcas.Annotation"
ENDS = (("Governor", "Dependent"), ("arg1", "arg2"), ("source", "target"), ("Source", "Target"))
NAMES = ("category", "value", "label", "relationType")
OWN = {"begin", "end", "sofa", "xmiID", "id"}
_LAYOUT = re.compile(r"^uima\.|\.(segmentation|lexmorph|morph|syntax|metadata|structure|textspan)\.")


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist, holds no such files, or the library is missing."""
    files = sources(path, ending(".xmi", ".xml"), WANTED)
    if path.is_file() and path.suffix.lower() == ".xmi":
        files = beside(path, lambda name: name == path.name or _describes(PurePosixPath(name)))
    documents = [file for file in files if file.path.suffix.lower() == ".xmi"]
    if not documents:
        raise CorpusError(f"{path}: the folder and those below it do not hold {WANTED}")
    try:
        import cassis  # noqa: F401
    except ImportError:
        raise CorpusError("reading UIMA XMI needs dkpro-cassis: pip install 'epicrisis[corpora]'") from None
    return _read(documents, [file for file in files if _describes(file.path)], report)


def _describes(member: PurePosixPath) -> bool:
    return member.suffix.lower() == ".xml" and "typesystem" in member.name.lower()


def _read(files: Sequence[Source], systems: Sequence[Source], report: Report) -> Iterator[Document]:
    loaded_systems: dict[str, Any] = {}
    seen: set[str] = set()
    for file in sorted(files, key=lambda file: file.path):
        system = next((s for folder in file.path.parents for s in systems if s.path.parent == folder), None)
        if system is None:
            report.add(file.name, None, "no type system (TypeSystem.xml) lies beside it or above; it was not read")
            continue
        if system.name not in loaded_systems:
            loaded_systems[system.name] = _parsed(system, None, report)
        if loaded_systems[system.name] is not None:
            cas = _parsed(file, loaded_systems[system.name], report)
            document = None if cas is None else _Reading(cas, file.name, report).document(_id(file))
            if document is not None and document.id in seen:
                report.add(file.name, None, "another document has this id; this one was not read")
            elif document is not None:
                seen.add(document.id)
                yield in_part(document, file, file=False)


def _id(file: Source) -> str:
    return file.path.with_suffix("").as_posix()


def _parsed(file: Source, system: Any, report: Report) -> Any:
    """A CAS, or without a type system a type system; None where it cannot be read."""
    import cassis

    data = loaded(file, report)
    problems = len(report)
    root = None if data is None else xml_tree.parse(data, file.name, report)
    if data is None or root is None or len(report) > problems:  # the library would expand what is refused here
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of types that the system does not have; `lenient` leaves them out
            if system is None:
                return cassis.load_typesystem(io.BytesIO(data))
            return cassis.load_cas_from_xmi(io.BytesIO(data), typesystem=system, lenient=True)
    except Exception as error:  # whatever a file that is no CAS makes the library raise
        report.add(file.name, None, f"the library cannot read it as UIMA ({type(error).__name__})")
        return None


class _Reading:
    """One CAS."""

    def __init__(self, cas: Any, file: str, report: Report) -> None:
        self.file, self.report = file, report
        views = [view for view in cas.views if view.sofa is not None]
        with_text = [view.sofa for view in views if view.sofa.sofaString]
        initial = next((sofa for sofa in with_text if sofa.sofaID == "_InitialView"), None)
        empty = (view.sofa for view in views if whole_of(cas.get_view(view.sofa.sofaID).select_all_fs()) is not None)
        self.sofa = initial or next(iter(with_text), None) or next(empty, None)
        self.text: str = (self.sofa.sofaString or "") if self.sofa else ""
        self.all: list[Any] = list(cas.get_view(self.sofa.sofaID).select_all_fs()) if self.sofa else []
        self.system = cas.typesystem
        self.ids: dict[int, str] = {}
        self.relations: list[Relation] = []

    def document(self, id: str) -> Document | None:
        if self.sofa is None:
            self.report.add(self.file, None, "no view has a text; it was not read")
            return None
        if whole_of(self.all) is not None:
            return self.own(id)
        entities = []
        links = []
        for fs in self.all:
            if self.ends(fs) is not None:
                links.append(fs)
            elif self.is_annotation(fs):
                entity = self.entity(fs)
                if entity is not None:
                    self.ids[fs.xmiID] = entity.id
                    entities.append((fs, entity))
        for fs, entity in entities:
            self.linked(fs, entity)
        for fs in links:
            self.relation(fs)
        found = {"entities": tuple(entity for _, entity in entities), "relations": tuple(self.relations)}
        return made((self.file, 1), self.report, id, self.text, **found)

    def own(self, id: str) -> Document | None:
        for fs in self.all:
            if not fs.type.name.startswith(PREFIX) and self.is_annotation(fs):
                self.report.count("annotations of other types in what we wrote, left out")
        return OwnReading(self.all, self.text, self.file, self.report).document(id)

    def is_annotation(self, fs: Any) -> bool:
        if not self.system.subsumes(ANNOTATION, fs.type.name):
            return False
        if _LAYOUT.search(fs.type.name):
            if fs.type.name != "uima.tcas.DocumentAnnotation":
                self.report.count("annotations of tokens, syntax and layout, left out")
            return False
        return True

    def features(self, fs: Any) -> Iterator[tuple[str, Any]]:
        for feature in fs.type.all_features:
            if feature.name not in OWN and (value := fs[feature.name]) is not None:
                yield feature.name, value

    def entity(self, fs: Any) -> Entity | None:
        start, end = fs.begin, fs.end
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(self.text)):
            self.report.add(self.file, None, f"annotation {fs.xmiID}: its offsets are no place in the text")
            return None
        type = fs.type.name.rsplit(".", 1)[-1]
        attributes: dict[str, Attribute] = {}
        codes: list[Code] = []
        for name, value in self.features(fs):
            if type == "NamedEntity" and name == "value" and isinstance(value, str):
                type = value
            elif name == "identifier" and isinstance(value, str):
                codes.append(Code("", value))
            elif isinstance(value, str | int | float):
                attributes[name] = Attribute(value)
            elif name == "ontologyConceptArr":
                codes += [code for one in _elements(value) for code in _concept(one)]
            elif any(isinstance(one, str | int | float) for one in _elements(value)):
                self.report.count("features of several values, left out")
        unique = tuple(dict.fromkeys(codes))
        return Entity(type, ((start, end),), f"T{fs.xmiID}", attributes=attributes, codes=unique)

    def ends(self, fs: Any) -> tuple[Any, Any] | None:
        names = {feature.name for feature in fs.type.all_features}
        for first, second in ENDS:
            if {first, second} <= names and not isinstance(fs[first] or fs[second], str | int | None):
                return _argument(fs[first]), _argument(fs[second])
        return None

    def relation(self, fs: Any) -> None:
        head, tail = (self.ids.get(getattr(end, "xmiID", None) or 0) for end in self.ends(fs) or ())
        if head is None or tail is None:
            self.report.count("relations that are not between entities, left out")
            return
        values = dict(self.features(fs))
        named = next((values[name] for name in NAMES if isinstance(values.get(name), str) and values[name]), "")
        rest = {k: Attribute(v) for k, v in values.items() if k not in NAMES and isinstance(v, str | int | float)}
        type = named or fs.type.name.rsplit(".", 1)[-1]
        self.relations.append(Relation(type, head, tail, f"R{len(self.relations) + 1}", None, rest))

    def linked(self, fs: Any, entity: Entity) -> None:
        """References of an entity to others, and links with roles."""
        for name, value in self.features(fs):
            for one in _elements(value) if hasattr(value, "elements") else [value]:
                target, type = one, name
                if hasattr(one, "target") and hasattr(one, "role"):
                    target, type = one.target, one.role or name
                other = self.ids.get(getattr(target, "xmiID", None) or 0)
                if other is not None:
                    self.relations.append(Relation(type, entity.id, other, f"R{len(self.relations) + 1}"))


def _elements(value: Any) -> list[Any]:
    return [one for one in getattr(value, "elements", None) or [] if one is not None]


def _argument(end: Any) -> Any:
    """What a RelationArgument of cTAKES stands for."""
    return getattr(end, "argument", None) or end


def _concept(fs: Any) -> Iterator[Code]:
    values = {feature.name: fs[feature.name] for feature in fs.type.all_features}
    if values.get("cui"):
        yield Code("UMLS", str(values["cui"]), str(values.get("preferredText") or ""))
    if values.get("code") and values.get("codingScheme"):
        yield Code(str(values["codingScheme"]), str(values["code"]))


CORPUS = Corpus(
    name="xmi",
    title="UIMA CAS as XMI: cTAKES, INCEpTION, DKPro",
    read=read,
    where="your own files",
    assertions={  # of cTAKES; 0 is a polarity that nobody set
        "polarity": {"-1": "negated", "0": "present", "1": "present"},
        "uncertainty": {"1": "uncertain", "0": "present"},
        "historyOf": {"1": "historical", "0": "present"},
        "conditional": {"True": "hypothetical", "False": "present"},
        "subject": {"patient": "present", "family_member": "family", "donor_family_member": "family"},
    },
)
