"""Documents to files: the formats that can be written, by name; one file a format."""

from epicrisis.corpora import brat, jsonl, parquet, text
from epicrisis.corpora.contracts import Format
from epicrisis.corpora.writers import bioc, cas, conll, doccano, fhir, label_studio, omop, web_annotation
from epicrisis.errors import CorpusError, suggestion

WRITERS: dict[str, Format] = {
    format.name: format
    for format in (
        Format("brat", brat.CORPUS.title, brat.write, brat.write_document),
        Format("jsonl", "JSON lines: our own documents", jsonl.write, suffix=".jsonl"),
        Format("parquet", parquet.CORPUS.title, parquet.write, suffix=".parquet"),
        Format("text", text.CORPUS.title, text.write, text.write_document),
        bioc.XML,
        bioc.JSON,
        conll.CONLL,
        doccano.DOCCANO,
        label_studio.LABEL_STUDIO,
        cas.XMI,
        web_annotation.WEB_ANNOTATION,
        omop.CSV,
        omop.PARQUET,
        fhir.R4B,
        fhir.R5,
    )
}


def find_writer(name: str) -> Format:
    """Raises CorpusError where there is none, with the names that there are."""
    if name not in WRITERS:
        raise CorpusError(f"no format {name!r} that can be written.{suggestion(name.lower(), WRITERS)}")
    return WRITERS[name]
