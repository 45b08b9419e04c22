"""CCKS2017 task 2: Chinese records in four sections, with five types of entity, flat.

Source    CCKS2017 evaluation task 2, by Beijing Jimuyun Health Technology; research use by agreement
Licence   for the evaluation's participants: get your own copy, never pass it on
Cite      Li et al., eds. (2017), "Knowledge Graph and Semantic Computing", CCKS 2017, CCIS 784
Files     `一般项目-1.txtoriginal.txt`, the note, with `一般项目-1.txt`: mention, start, end and type between tabs;
          in folders 一般项目, 病史特点, 诊疗经过, 出院情况 (also 出院项目), packed or not

Offsets count characters from 0, the end included. The files are UTF-8; a copy in GB 18030 is read too, and said so.
Nothing is stripped from a note, so that offsets stay. `meta["section"]` is the folder; `meta["split"]` what a folder's
name above it says. Official are 300 records for training and 100 for the test, one file of each in every section.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.alignment import Stated, annotated_version, checked
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.sources import BOM, Source, beside, chinese_text_of, ending, part_of, sources
from epicrisis.corpora.report import Report
from epicrisis.document import Document, Entity

NOTE = ".txtoriginal.txt"
SECTIONS = ("一般项目", "病史特点", "诊疗经过", "出院情况", "出院项目")
TYPES = ("症状和体征", "检查和检验", "疾病和诊断", "治疗", "身体部位")
WANTED = "notes of CCKS2017 (*.txtoriginal.txt with *.txt)"


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such files."""
    files = sources(path, ending(".txt"), WANTED)
    if path.is_file() and path.suffix.lower() == ".txt":
        name = path.name.removesuffix(NOTE).removesuffix(".txt")
        files = beside(path, lambda other: other in (name + NOTE, f"{name}.txt"))
    return _read(files, path.name, report)


def _read(files: Sequence[Source], root: str, report: Report) -> Iterator[Document]:
    pairs: defaultdict[str, dict[bool, Source]] = defaultdict(dict)
    for file in files:
        is_note = file.path.name.endswith(NOTE)
        name = str(file.path)[: -len(NOTE if is_note else ".txt")]
        pairs[name][is_note] = file
    for name, pair in sorted(pairs.items()):
        if True not in pair:
            report.add(pair[False].name, None, f"there is no note (*{NOTE}) of these annotations")
            continue
        text = chinese_text_of(pair[True], report)
        if text is None:
            continue
        if False not in pair:
            report.add(pair[True].name, None, "there are no annotations (.txt) of this note, as others have")
        stated = list(_mentions(pair[False], report)) if False in pair else []
        text = annotated_version(text, pair[True].name, [one for one, _ in stated], report)
        entities = []
        for one, type in stated:
            if type not in TYPES:
                report.count("mentions of a type that CCKS2017 does not have")
            if fragments := checked(one, text, report):
                entities.append(Entity(type, fragments, one.id))
        part = part_of(pair[True].path, root)
        section = next((folder for folder in pair[True].path.parts[-2::-1] if folder in SECTIONS), "")
        meta = {**({"split": part} if part else {}), **({"section": section} if section else {})}
        document = made((pair[True].name, 1), report, name, text, entities=tuple(entities), meta=meta)
        if document is not None:
            yield document


def _mentions(file: Source, report: Report) -> Iterator[tuple[Stated, str]]:
    content = chinese_text_of(file, report)
    kept = 0
    for number, line in enumerate((content or "").removeprefix(BOM).split("\n"), start=1):
        if not line.strip():
            continue
        fields = line.removesuffix("\r").split("\t")
        numbers = [field.strip() for field in fields[1:3]]
        if len(fields) != 4 or not fields[3].strip() or not all(n.isdecimal() and len(n) < 16 for n in numbers):
            report.add(file.name, number, "it is not mention, start, end and type between tabs")
            continue
        kept += 1
        pair = (int(numbers[0]), int(numbers[1]) + 1)
        yield Stated(file.name, number, f"T{kept}", (pair,), fields[0]), fields[3].strip()


CORPUS = Corpus(
    name="ccks-2017",
    title="CCKS2017 task 2: Chinese records with five types of entity",
    read=read,
    licence="research by agreement (CCKS2017); do not pass on",
    citation="Li et al. (eds.) 2017, CCKS, CCIS 784",
    languages=("zh",),
    where="https://www.biendata.xyz/competition/CCKS2017_2/",
    reported={"documents": 4 * (300 + 100), "entities": 29866 + 9493},
    folders=("ccks2017", "CCKS2017"),
    scheme="ccks",
)
