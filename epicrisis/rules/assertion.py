"""Assertion by rules: whether a finding is there, negated, uncertain, hypothetical, of the past or of a relative.

After the idea of ConText (Harkema, Dowling, Thornblade and Chapman 2009, Journal of Biomedical Informatics 42):
trigger words open scopes, and an entity in a scope takes its value. Word lists and scope rules are our own;
docs/rules.md states them for users. In one sentence after the other:

1. Triggers are phrases of words: the longest at each place, never across the edge of an entity. One inside an entity
   counts only where it begins it and a space follows ("no murmur", not the 无 of 无力).
2. Two sweeps, from the left for triggers that look forward and from the right for those that look back, each with one
   open scope for each of four questions: certainty (negated, uncertain), whose (family), when (historical), and if at
   all (hypothetical). A trigger replaces the open scope of its question; the sentence's end closes all.
3. Stops ("but", "due to", 出现) close scopes. So does a comma or "and" before a clause of its own, which a verb or
   pronoun shows, and one behind which a predicate ends the clause ("no mass was seen, ...") or a single item has one of
   its own; before another item of a list it closes nothing. In Chinese a comma goes on only to a bare item.
   Looking back, a comma is passed only within "a, b and c", directly before the trigger, or where a colon stands
   before it. What a bracket opens, it closes.
4. Where both sweeps answer, the one with fewer commas between wins, then the one that looks forward where there is
   none, then the nearer one; but what was ruled out behind is no longer suspected before. Of several answers the
   entity takes the first of PRECEDENCE. A section's heading answers its question where nothing else did.

All is linear in tokens and entities: a note's triggers are found once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from epicrisis.document import Attribute, Document, Entity, Span
from epicrisis.rules.merging import SOURCE
from epicrisis.rules.phrases import END, START
from epicrisis.rules.scopes import QUESTION, Hit, Mention, Sentence
from epicrisis.rules.sections import sentence_ends, valued
from epicrisis.rules.triggers import Trigger, Triggers, load
from epicrisis.text.tokens import lowered, tokens

NAME = "assertion"
PRECEDENCE = ("hypothetical", "negated", "family", "uncertain", "historical", "present")
"""Negated before family: "no family history of stroke" must not be counted as a stroke in the family."""

DESCRIPTIONS = {
    *("activity", "administration", "age", "area", "biological_attribute", "biological_structure", "body", "color"),
    *("coreference", "crowd", "date", "department", "detailed_description", "distance", "dosage", "duration"),
    "feature",
    *("form", "frequency", "gender", "height", "lab_value", "mass", "nonbiological_location", "occupation"),
    *("personal_background", "population", "qualitative_concept", "quantitative_concept", "race", "route", "severity"),
    *("sex", "shape", "strength", "subject", "texture", "time", "time_elapsed", "volume", "weight"),
    *("年龄", "性别", "时间", "日期", "部位", "解剖部位", "科室", "剂量", "频率", "程度", "人群"),
}
"""Names of types, in lower case, of what describes a finding, a drug or a person, and is not itself there or absent: in
"no chest pain since Monday" it is the pain that is negated, not the chest and not Monday."""

CLOSED_LISTS = frozenset({"zh"})
"""Languages in which a comma parts clauses unless nothing but a bare item follows."""


class Assertion:
    """Sets the attribute `assertion` of the entities of documents in one language.

    Only what is said is set: an entity without the attribute is simply present. `present` is set where a trigger was
    taken back ("not without pain"). The cue is where the trigger, or the heading, stands.

    skipped  types that nothing is said of, in lower case and with _ between words

    Raises UsageError where there are no rules for the language.
    """

    def __init__(self, language: str, *, skipped: Collection[str] = DESCRIPTIONS) -> None:
        self.language = language
        self.skipped = skipped
        self.triggers = load(language)
        self._closed = language in CLOSED_LISTS

    def annotate(self, document: Document, *, keep: bool = False, decided: Collection[str] = ()) -> Document:
        """The document with assertions, and `assertion: rules` in its meta, which tells that the others are present.

        Assertions that it has are replaced, unless `keep`: then they stay, with the words that say so where the rules
        say the same.
        decided: values that the rules do not add to the entities of a model, which says itself where they hold
        """
        if not document.entities:
            return document
        entities = list(document.entities)
        for number, attribute in enumerate(self.assertions(document)):
            entity = entities[number]
            said: Attribute | None
            there = entity.attributes.get(NAME)
            if there is not None and keep:
                agrees = attribute is not None and attribute.value == there.value
                said = replace(there, cue=attribute.cue) if agrees and attribute and there.cue is None else there
            else:
                silent = attribute is not None and attribute.value in decided and SOURCE not in entity.attributes
                said = None if silent else attribute
            if said != there:
                others = {name: one for name, one in entity.attributes.items() if name != NAME}
                entities[number] = replace(entity, attributes=others | ({NAME: said} if said else {}))
        return replace(document, entities=tuple(entities), meta={**document.meta, NAME: "rules"})

    def values(self, document: Document) -> dict[str, str]:
        """Id of an entity -> what the rules say of it, where they say something."""
        pairs = zip(document.entities, self.assertions(document), strict=True)
        return {entity.id: str(said.value) for entity, said in pairs if said is not None}

    def assertions(self, document: Document) -> list[Attribute | None]:
        """For each entity what the rules say of it, None where they say nothing."""
        text = document.text
        found: list[Attribute | None] = [None] * len(document.entities)
        spans = list(tokens(text))
        if not spans or not found:
            return found
        starts = [start for start, _ in spans]
        places = [_place(entity, starts) for entity in document.entities]
        edges = bytearray(len(spans) + 1)
        for first, after in places:
            edges[first] |= START
            edges[after] |= END
        low = lowered(text)
        words = [low[start:end] for start, end in spans]
        hits = list(self.triggers.phrases.find(words, edges, across=_is_pseudo))
        ends = [bisect_left(starts, end) for end in sentence_ends(text)]
        answers: dict[int, dict[int, tuple[str, Span]]] = {}
        for sentence, mentions, end in _by_sentence(places, hits, ends, len(spans)):
            Sentence(sentence, mentions, end, words, spans, text, self._closed).answer()
            for mention in mentions:
                answers[mention.number] = {
                    question: (value, (spans[first][0], spans[after - 1][1]))
                    for question, (_, value, (first, after)) in mention.answers().items()
                }
        for number, value, cue in _under_headings(document, self.triggers):
            answers.setdefault(number, {}).setdefault(QUESTION[value], (value, cue))
        for number, said in answers.items():
            if said and not self._skips(document.entities[number].type):
                value, cue = min(said.values(), key=lambda answer: PRECEDENCE.index(answer[0]))
                found[number] = Attribute(value, cue=cue)
        return found

    def _skips(self, type_: str) -> bool:
        return type_.lower().replace("-", "_").replace(" ", "_") in self.skipped


def _is_pseudo(trigger: Trigger) -> bool:
    """What only looks like a trigger does so over the edge of an entity, too: "a [three-day] history of fever"."""
    return trigger.kind == "pseudo"


def _place(entity: Entity, starts: Sequence[int]) -> tuple[int, int]:
    """Its tokens; of a discontinuous mention those of its first fragment: what lies between them is none of it."""
    start, end = entity.fragments[0]
    first = bisect_right(starts, start) - 1
    if first < 0:
        first = 0
    after = bisect_left(starts, end, first)
    return first, after if after > first else first + 1


def _by_sentence(
    places: Sequence[tuple[int, int]], hits: Sequence[Hit], ends: Sequence[int], count: int
) -> Iterator[tuple[Sequence[Hit], list[Mention], int]]:
    """The hits and mentions of each sentence that has a trigger and a mention, and the token behind it."""
    grouped: dict[int, list[Mention]] = {
        bisect_right(ends, first): [] for first, _, trigger in hits if trigger.kind in QUESTION
    }
    for number, (first, after) in enumerate(places):
        mentions = grouped.get(bisect_right(ends, first))
        if mentions is not None:
            mentions.append(Mention(number, first, after, {}, {}))
    firsts = [first for first, _, _ in hits]
    for sentence, mentions in grouped.items():
        if mentions:
            start = ends[sentence - 1] if sentence else 0
            end = ends[sentence] if sentence < len(ends) else count
            yield hits[bisect_left(firsts, start) : bisect_left(firsts, end)], mentions, end


def _under_headings(document: Document, triggers: Triggers) -> Iterator[tuple[int, str, Span]]:
    """(number of the entity, value of its section, where the heading stands)"""
    starts = [entity.start for entity in document.entities]  # in order
    for (start, end), value, cue in valued(document.text, triggers.headings, triggers.sections):
        for number in range(bisect_left(starts, start), bisect_left(starts, end)):
            yield number, value, cue
