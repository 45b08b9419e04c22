"""What corpora call negation and doubt, as the attribute `assertion`, which models learn and users read.

Readers keep a corpus's own names, so that nothing is lost when its documents are written again. Training and scoring
see them by this one name.
"""

from dataclasses import replace

from epicrisis.corpora.contracts import Corpus
from epicrisis.document import Attribute, Document, Entity

PRESENT = "present"


def asserted(document: Document, corpus: Corpus) -> Document:
    """The document with `assertion` in the place of the attributes that the corpus says it by.

    `present` is what an entity without the attribute is, and is not written. A value that the corpus does not list
    stays as it is.
    """
    if not corpus.assertions:
        return document
    return replace(document, entities=tuple(_asserted(entity, corpus) for entity in document.entities))


def _asserted(entity: Entity, corpus: Corpus) -> Entity:
    attributes = dict(entity.attributes)
    for name, values in corpus.assertions.items():
        said = attributes.get(name)
        if said is not None and str(said.value) in values:
            del attributes[name]
            if (value := values[str(said.value)]) != PRESENT:
                attributes["assertion"] = Attribute(value, said.score, said.cue)
    return replace(entity, attributes=attributes) if attributes != entity.attributes else entity
