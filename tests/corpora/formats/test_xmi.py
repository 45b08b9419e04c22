"""UIMA XMI written by hand: offsets in UTF-16 units, relations by reference, what is refused or named."""

import builtins
import shutil
import zipfile
from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.document import Attribute, Code, Document, Entity, Relation
from epicrisis.errors import CorpusError

pytest.importorskip("cassis")


def test_the_fixture_gives_this_document(fixtures: Path) -> None:
    report = Report()
    (document,) = read("xmi", fixtures / "xmi", report)
    assert document == Document(
        "notes/a",
        "😀 rash on arm, after zorvalin",
        (
            Entity("Sign", ((2, 6),), "T4", codes=(Code("", "http://example.org/1"),)),
            Entity(
                "SignSymptomMention",
                ((2, 6),),
                "T8",
                attributes={"polarity": Attribute(-1)},
                codes=(Code("UMLS", "C9999991"), Code("SNOMEDCT", "999")),
            ),
            Entity("SignSymptomMention", ((10, 13),), "T9", attributes={"polarity": Attribute(1)}),
            Entity("Drug", ((21, 29),), "T5"),
        ),
        (Relation("bodyLocation", "T8", "T9", "R1"), Relation("CAUSES", "T5", "T4", "R2")),
    )
    assert not len(report)
    assert report.counts == {
        "annotations of tokens, syntax and layout, left out": 1,
        "relations that are not between entities, left out": 1,
    }


def test_what_the_library_writes_is_read_back(fixtures: Path, tmp_path: Path) -> None:
    import cassis

    with (fixtures / "xmi" / "TypeSystem.xml").open("rb") as file:
        system = cassis.load_typesystem(file)
    cas = cassis.Cas(typesystem=system)
    cas.sofa_string = "😀😀 é rash\nand cough"
    named = system.get_type("de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity")
    for word in ("rash", "cough"):
        start = cas.sofa_string.index(word)
        cas.add(named(begin=start, end=start + len(word), value=word.upper()))
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("TypeSystem.xml", (fixtures / "xmi" / "TypeSystem.xml").read_text())
        archive.writestr("b.xmi", cas.to_xmi())
    (document,) = read("xmi", tmp_path)
    assert [(entity.type, document.words(entity)) for entity in document.entities] == [
        ("RASH", "rash"),
        ("COUGH", "cough"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("</xmi:XMI>", "", "the file is cut off or damaged"),
        ("<xmi:XMI", '<!DOCTYPE x [<!ENTITY a "b">]><xmi:XMI', "it declares an entity"),
        ('end="30" value', 'end="99" value', "annotation 5: its offsets are no place in the text"),
        ("sofaString", "other", "the library cannot read it as UIMA (TypeError)"),
        ('begin="22"', 'begin="x"', "the library cannot read it as UIMA (ValueError)"),
    ],
)
def test_a_damaged_file_is_named(old: str, new: str, cause: str, fixtures: Path, tmp_path: Path) -> None:
    shutil.copytree(fixtures / "xmi", tmp_path / "xmi")
    file = tmp_path / "xmi" / "notes" / "a.xmi"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    report = Report()
    list(read("xmi", tmp_path, report))
    assert cause in str(report)


def test_a_missing_type_system_is_named(fixtures: Path) -> None:
    report = Report()
    assert list(read("xmi", fixtures / "xmi" / "notes", report)) == []
    assert "no type system (TypeSystem.xml) lies beside it or above" in str(report)


def test_without_the_library_it_says_what_to_install(fixtures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name == "cassis":
            raise ImportError(name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CorpusError, match=r"needs dkpro-cassis: pip install 'epicrisis\[corpora\]'"):
        read("xmi", fixtures / "xmi")


def test_a_feature_of_several_values_is_counted(tmp_path: Path) -> None:
    name, kind = "<name>x.Thing</name>", "<rangeTypeName>uima.cas.StringArray</rangeTypeName>"
    feature = f"<featureDescription><name>tags</name>{kind}</featureDescription>"
    (tmp_path / "TypeSystem.xml").write_text(
        '<typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier"><types><typeDescription>'
        f"{name}<supertypeName>uima.tcas.Annotation</supertypeName><features>{feature}</features>"
        "</typeDescription></types></typeSystemDescription>"
    )
    (tmp_path / "a.xmi").write_text(
        '<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmlns:x="http:///x.ecore" '
        'xmi:version="2.0"><x:Thing xmi:id="5" sofa="1" begin="0" end="4"><tags>a</tags><tags>b</tags></x:Thing>'
        '<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" sofaString="rash"/><cas:View sofa="1" members="5"/>'
        "</xmi:XMI>"
    )
    report = Report()
    (document,) = read("xmi", tmp_path, report)
    assert [entity.type for entity in document.entities] == ["Thing"]
    assert report.counts == {"features of several values, left out": 1}
