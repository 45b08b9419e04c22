"""XML from anyone: what is kept of damaged files, and what is refused before it can do harm."""

import pytest

from epicrisis.corpora import Report
from epicrisis.corpora.files.xml_tree import parse, stream

WHOLE = '<a x="1">\n<b>one<c/>two</b>\n<b>three</b></a>'


def read(data: bytes | str) -> tuple[object, list[str]]:
    report = Report()
    return parse(data.encode() if isinstance(data, str) else data, "n.xml", report), [str(p) for p in report]


def test_text_order_and_lines_are_kept() -> None:
    root, problems = read(WHOLE)
    assert (root.tag, root.attributes, root.complete, problems) == ("a", {"x": "1"}, True, [])
    assert [(b.text, b.line) for b in root.each("b")] == [("onetwo", 2), ("three", 3)]
    assert [node.tag for node in root.every("b", "c")] == ["b", "c", "b"]
    assert (root.find("b").text_of("c"), root.text_of("z")) == ("", "")


@pytest.mark.parametrize("length", range(1, len(WHOLE)))
def test_wherever_a_file_was_cut_off_complete_elements_stay(length: int) -> None:
    root, problems = read(WHOLE[:length])
    assert len(problems) == 1
    assert "the file is cut off or damaged" in problems[0]
    texts = [node.text for node in root.each("b")] if root else []
    assert texts == ["onetwo", "three"][: WHOLE[:length].count("</b>")]
    report = Report()
    assert [node.text for node in stream(WHOLE[:length].encode(), "n.xml", report, "a", "b")] == texts
    assert len(report) == 1


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "data",
    [
        f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://example.org/x.dtd"> %x;]><a/>',
        "<a>" * 1000 + "</a>" * 1000,
    ],
    ids=["billion laughs", "another file", "parameter entity", "depth"],
)
def test_what_could_do_harm_is_refused_whole(data: str) -> None:
    root, problems = read(data)
    assert root is None
    assert problems[0].endswith("it was not read")
    report = Report()
    assert list(stream(data.encode(), "n.xml", report, "a", "a")) == []
    assert len(report) == 1


def test_a_document_type_that_lies_elsewhere_is_not_loaded_and_does_no_harm() -> None:
    root, problems = read('<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a>x &unknown; &amp; y</a>')
    assert (root.text, problems) == ("x &unknown; & y", [])


@pytest.mark.parametrize(
    ("data", "text", "problem"),
    [
        ("<a>é😀</a>".encode(), "é😀", ""),
        (b"\xef\xbb\xbf<a>\xc3\xa9</a>", "é", ""),
        ('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode("utf-16"), "é", ""),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"), "é", ""),
        ('<?xml version="1.0" encoding="GB2312"?><a>痛</a>'.encode("gb2312"), "痛", ""),
        ("<a>é rash</a>".encode("latin-1"), "\ufffd rash", "not UTF-8: byte 3 begins no character"),
        (b'<?xml version="1.0" encoding="klingon"?><a>x</a>', "x", "it declares an encoding that is not known"),
        (b'<?xml version="1.0" encoding="undefined"?><a>x</a>', "x", "it declares an encoding that is not known"),
        (b'<?xml version="1.0" encoding="idna"?><a>x\xff</a>', "x\ufffd", "not IDNA"),
    ],
)
def test_the_encoding_is_what_the_file_says(data: bytes, text: str, problem: str) -> None:
    root, problems = read(data)
    assert root.text == text
    assert problem in "".join(problems)
    assert bool(problem) == bool(problems)


def test_a_file_of_another_kind_is_named_and_gives_nothing() -> None:
    report = Report()
    assert list(stream(b"<html><b>x</b></html>", "n.xml", report, "a", "b")) == []
    assert str(report) == "n.xml:1: the outermost element is not <a>; the file is of another kind"
