"""What corpora call negation and doubt, as the attribute `assertion`, which models learn and users read.

Readers keep a corpus's own names, so that nothing is lost when its documents are written again. Training and scoring
see them by this one name.
"""

from dataclasses import replace

from epicrisis.corpora.contracts import Corpus
from epicrisis.document import Attribute, Document, Entity

PRESENT = "present"
FIRST = ("family", "hypothetical", "negated", "uncertain", "historical")
"""Where a corpus says several of an entity, the first holds: what is said of a relative or under a condition is no fact
about the patient, not even that he does not have it."""


def asserted(document: Document, corpus: Corpus) -> Document:
    """The document with `assertion` in the place of the attributes that the corpus says it by.

    `present` is what an entity without the attribute is, and is not written. A value that the corpus does not list
    stays as it is.
    """
    if not corpus.assertions:
        return document
    return replace(document, entities=tuple(_asserted(entity, corpus) for entity in document.entities))


def _asserted(entity: Entity, corpus: Corpus) -> Entity:
    said = {name: entity.attributes[name] for name in corpus.assertions if name in entity.attributes}
    meant = {name: value for name, one in said.items() if (value := corpus.assertions[name].get(str(one.value)))}
    if not meant:
        return entity
    attributes = {name: one for name, one in entity.attributes.items() if name not in meant}
    weighty = [name for name in meant if meant[name] != PRESENT]
    if weighty:
        name = min(weighty, key=lambda name: FIRST.index(meant[name]))
        attributes["assertion"] = Attribute(meant[name], said[name].score, said[name].cue)
    return replace(entity, attributes=attributes)
