import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from epicrisis.document import Code
from epicrisis.errors import CorpusError
from epicrisis.rules import Dictionary, Term
from epicrisis.rules.dictionary import stem


def words(dictionary: Dictionary, text: str) -> list[str]:
    return [text[entity.start : entity.end] for entity in dictionary.find(text)]


def written(folder: Path, text: str, name: str = "terms.csv") -> Path:
    file = folder / name
    file.write_bytes(text.encode("utf-8"))
    return file


def test_case_number_hyphens_and_possessives_make_no_difference() -> None:
    dictionary = Dictionary(Term(term, "X") for term in ["heart attack", "biopsy", "Crohn's disease", "beta blocker"])
    text = "HEART\nATTACKS, two Biopsies; Crohn disease and Crohn’s disease on beta-blockers."
    assert words(dictionary, text) == [
        "HEART\nATTACKS",
        "Biopsies",
        "Crohn disease",
        "Crohn’s disease",
        "beta-blockers",
    ]


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("biopsy", "biopsies"),
        ("diagnosis", "diagnoses"),
        ("metastasis", "metastases"),
        ("disease", "diseases"),
        ("mass", "masses"),
        ("virus", "viruses"),
        ("thrombus", "thrombi"),
        ("vertebra", "vertebrae"),
        ("bacterium", "bacteria"),
        ("abscess", "abscesses"),
        ("tumour", "tumours"),
        ("sinus", "sinuses"),
        *(
            (word, word + "s")
            for word in ("node", "bone", "dose", "lobe", "gene", "tube", "mole", "rale", "sore", "eye")
        ),
        *((word, word + "s") for word in ("ache", "headache", "size", "wheeze", "cause", "nurse", "sense", "calorie")),
        *((word, word + "s") for word in ("ray", "key", "airway", "edema", "ulcer", "tie", "use", "toe")),
        *((word, word + "es") for word in ("box", "reflex", "rash", "branch", "illness", "fetus", "gas", "lens")),
        ("axis", "axes"),
        ("testis", "testes"),
        ("pelvis", "pelves"),
        ("ulna", "ulnae"),
        ("focus", "foci"),
        ("tooth", "teeth"),
    ],
)
def test_one_and_many_have_the_same_stem(one: str, many: str) -> None:
    assert stem(one) == stem(many)


def test_different_words_keep_different_stems() -> None:
    different = [
        "sin",
        "sinus",
        "is",
        "as",
        "ass",
        "colon",
        "colony",
        "pus",
        "plus",
        "uterus",
        "uterine",
        "hand",
        "HbA1c",
        *("hives", "hiv", "cares", "car", "caries", "bites", "bit", "moles", "mol", "nodes", "nod", "pipes", "pip"),
        *("doses", "dos", "aches", "ach", "testes", "tests", "canes", "cans", "planes", "plans", "rates", "rats"),
        *("faces", "facies"),
    ]
    assert len({stem(word) for word in different}) == len(different)


def test_a_term_is_found_as_whole_words_only() -> None:
    dictionary = Dictionary([Term("arm", "X"), Term("CD2", "X"), Term("胃癌", "X")])
    assert words(dictionary, "harm army CD20 arm-chair, 早期胃癌术后") == ["arm", "胃癌"]


def test_capitals_that_could_be_a_word_are_found_in_capitals_only() -> None:
    dictionary = Dictionary([Term("ALL", "Disease"), Term("MS", "Disease"), Term("COVID-19", "Disease")])
    assert words(dictionary, "All of ms Smith: ALL, MS, covid 19") == ["ALL", "MS", "covid 19"]


@pytest.mark.parametrize(
    ("term", "note"),
    [("hives", "HIV positive"), ("HIV", "he has hives"), ("moles", "2 mol"), ("cares", "in the car"), ("AID", "aids")],
)
def test_a_word_is_not_found_in_another_that_its_ending_only_resembles(term: str, note: str) -> None:
    assert words(Dictionary([Term(term, "X")]), note) == []


def test_several_of_what_is_written_in_capitals_have_a_small_s() -> None:
    dictionary = Dictionary([Term("ECG", "X"), Term("MI", "X"), Term("lymph node", "X")])
    assert words(dictionary, "ECGs, two MIs, an mis, ecgs, LYMPH NODES, its") == ["ECGs", "MIs", "LYMPH NODES"]


def test_the_longest_term_is_taken_and_the_search_goes_on_behind_it() -> None:
    dictionary = Dictionary(
        Term(term, "X") for term in ["lung", "lung cancer", "small cell lung cancer", "cancer cell"]
    )
    assert words(dictionary, "Lung, lung cancer cells, small cell lung cancer") == [
        "Lung",
        "lung cancer",
        "small cell lung cancer",
    ]


def test_a_capitalised_term_gives_way_to_a_shorter_one_that_fits() -> None:
    dictionary = Dictionary([Term("AB", "X"), Term("ab", "Y")])
    assert [entity.type for entity in dictionary.find("ab AB")] == ["Y", "X", "Y"]


def test_a_term_with_several_codes_has_them_all_and_with_several_types_is_several_entities() -> None:
    terms = [
        Term("cold", "Symptom", "S", "1"),
        Term("Cold", "Symptom", "S", "2", "chill"),
        Term("colds", "Drug", "S", "3"),
    ]
    found = Dictionary([*terms, terms[0]]).find("a cold")
    assert [(entity.type, entity.codes) for entity in found] == [
        ("Drug", (Code("S", "3"),)),
        ("Symptom", (Code("S", "1"), Code("S", "2", "chill"))),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_may_be_parted_otherwise_begin_with_a_byte_order_mark_and_be_packed(
    tmp_path: Path, delimiter: str
) -> None:
    rows = '\ufeffTerm,Type,Code,Comment\r\n"fever",Symptom,R50,x\r\n\r\n发热,Symptom,R50,x\r\n'.replace(",", delimiter)
    file = tmp_path / "terms.csv.gz"
    file.write_bytes(gzip.compress(rows.encode()))
    dictionary = Dictionary.from_csv(file)
    assert (len(dictionary), dictionary.columns, dictionary.problems) == (2, ("comment",), [])
    assert words(dictionary, "Fever，发热") == ["Fever", "发热"]


def test_rows_that_are_none_are_passed_over_named_and_counted(tmp_path: Path) -> None:
    rows = [
        "term,type",
        "fever,Symptom",
        " ,Symptom",
        "cough",
        "---,Symptom",
        f"{'x' * 301},Symptom",
        "",
        "pain,Symptom",
    ]
    dictionary = Dictionary.from_csv(written(tmp_path, "\n".join(rows)))
    assert dictionary.problems == [
        (3, "the term is empty"),
        (4, "the type is empty"),
        (5, "the term has no letter and no digit"),
        (6, "the term has 301 characters; up to 300 are compared"),
    ]
    assert dictionary.passed_over == 4
    assert len(dictionary) == 2


@pytest.mark.parametrize("rows", [50, 8000])
def test_a_stray_quotation_mark_costs_its_own_row_alone(tmp_path: Path, rows: int) -> None:
    lines = ["term,type,code", "fever,Symptom,R50", '"chronic pain,Symptom,R52', "cough,Symptom,R05"]
    lines += [f"term{row} word,Symptom,C{row}" for row in range(rows)]
    dictionary = Dictionary.from_csv(written(tmp_path, "\r\n".join(lines)))
    assert (len(dictionary), dictionary.passed_over) == (rows + 2, 1)
    assert dictionary.problems == [(3, "a quotation mark opens a cell, and nothing closes it")]
    assert words(dictionary, f"fever, cough, term{rows - 1} word") == ["fever", "cough", f"term{rows - 1} word"]


def test_cells_in_quotation_marks_may_hold_what_parts_cells(tmp_path: Path) -> None:
    lines = [
        "term,type,code,name",
        '"pain, chronic",Symptom,R52,"""chronic"" pain"',
        '5" nail,Device,,',
        "fever,Symptom",
    ]
    dictionary = Dictionary.from_csv(written(tmp_path, "\n".join(lines)))
    assert dictionary.problems == []
    found = dictionary.find('fever, pain, chronic, a 5" nail')
    assert [(entity.type, entity.codes) for entity in found] == [
        ("Symptom", ()),
        ("Symptom", (Code("", "R52", '"chronic" pain'),)),
        ("Device", ()),
    ]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "no column 'term' and no column 'type'"),
        ("word,type\nfever,Symptom\n", "no column 'term'"),
        ("term,code\nfever,1\n", r"no column 'type' .* found 'term', 'code'"),
        ("term,type\n", "it holds no term"),
        ("term,type\n,Symptom\n", "it holds no term; line 2: the term is empty"),
        ('term,type\n"fever,Symptom' + "x" * 200_000, "it holds no term; line 2: field larger"),
    ],
)
def test_a_file_that_is_no_term_list_says_why(tmp_path: Path, text: str, cause: str) -> None:
    with pytest.raises(CorpusError, match=cause):
        Dictionary.from_csv(written(tmp_path, text))


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="No such file"):
        Dictionary.from_csv(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("term,type\nfièvre,X\n".encode("latin-1"))
    with pytest.raises(CorpusError, match="not UTF-8"):
        Dictionary.from_csv(tmp_path / "latin.csv")
    (tmp_path / "broken.csv.gz").write_bytes(gzip.compress(b"term,type\nfever,X\n" * 99)[:-20])
    with pytest.raises(CorpusError, match="cannot be read"):
        Dictionary.from_csv(tmp_path / "broken.csv.gz")


MEMORY = """
import resource, sys
from epicrisis.rules import Dictionary
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
dictionary = Dictionary.from_csv(sys.argv[1])
print(len(dictionary), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
print(len(dictionary.find("Complication 77 of procedure 123 in stage 4.")))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss has another unit elsewhere")
def test_a_million_terms_take_less_than_300_megabytes(tmp_path: Path) -> None:
    file = tmp_path / "terms.csv"
    with file.open("w") as lines:
        lines.write("term,type,system,code\n")
        for n in range(1_000_000):
            lines.write(
                f"complication {n % 100} of procedure {n // 100 % 1000} in stage {n // 100_000},Problem,S,C{n}\n"
            )
    ran = subprocess.run([sys.executable, "-c", MEMORY, file], capture_output=True, text=True, check=True)
    (terms, kilobytes), (count,) = (map(int, line.split()) for line in ran.stdout.splitlines())
    assert (terms, count) == (1_000_000, 1)
    assert kilobytes < 300_000
