"""Documents to files: the formats that can be written, by name; one file a format."""

from epicrisis.corpora.contracts import Format
from epicrisis.corpora.on_demand import OnDemand
from epicrisis.errors import CorpusError, suggestion

WRITERS: OnDemand[Format] = OnDemand(
    {
        "brat": "formats.brat.FORMAT",
        "jsonl": "formats.jsonl.FORMAT",
        "parquet": "formats.parquet.FORMAT",
        "text": "formats.text.FORMAT",
        "bioc-xml": "writers.bioc.XML",
        "bioc-json": "writers.bioc.JSON",
        "conll": "writers.conll.CONLL",
        "doccano": "writers.doccano.DOCCANO",
        "label-studio": "writers.label_studio.LABEL_STUDIO",
        "xmi": "writers.cas.XMI",
        "web-annotation": "writers.web_annotation.WEB_ANNOTATION",
        "omop": "writers.omop.CSV",
        "omop-parquet": "writers.omop.PARQUET",
        "fhir-r4b": "writers.fhir.R4B",
        "fhir-r5": "writers.fhir.R5",
    }
)


def find_writer(name: str) -> Format:
    """Raises CorpusError where there is none, with the names that there are."""
    if name not in WRITERS:
        raise CorpusError(f"no format {name!r} that can be written.{suggestion(name.lower(), WRITERS)}")
    return WRITERS[name]
