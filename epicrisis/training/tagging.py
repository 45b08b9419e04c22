"""Networks that tag: what they learn from, how they score on dev, and how a run of one ends."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from torch import Tensor

from epicrisis.decoding import DECODERS, Relations
from epicrisis.document import Document
from epicrisis.encoding import Covering, Indexer
from epicrisis.errors import CorpusError
from epicrisis.evaluation import evaluate
from epicrisis.models import Joint, Tagger, codec_of, fit_indexers, make_tagger, start_from_pretrained
from epicrisis.recipe import Recipe
from epicrisis.rules import PRECEDENCE, Assertion
from epicrisis.runtime import Annotator, Relater
from epicrisis.text import Codec, Fates, Passage, PassageRule, RelationCodec, RelationFates, mark
from epicrisis.training.batches import Batch, Item, Stretch, examples, make_batch, stretches
from epicrisis.training.data import Data
from epicrisis.training.export import Reading
from epicrisis.training.finishing import about_relations, finish, joint_f1
from epicrisis.training.module import torch_network, torch_pairs
from epicrisis.training.run import Run
from epicrisis.training.starting import Start
from epicrisis.training.support import rememberer
from epicrisis.training.task import AnyBatch, Point

COVERED = 0.8
"""Share of the training tokens that a pre-trained vocabulary should know."""
SCORE = "dev_strict_f1"


class Tagging:
    """The task of tagger, template and joint."""

    score = SCORE

    def __init__(self, recipe: Recipe, data: Data, start: Start | None) -> None:
        """Raises CorpusError where there is nothing to learn, RecipeError where the recipe does not fit the data."""
        self.data, self.start = data, start
        self.types = types = sorted({entity.type for document in data.train for entity in document.entities})
        if not types:
            raise CorpusError("the training documents hold no entities: there is nothing to learn")
        if not data.dev:
            raise CorpusError("there are no dev documents: training cannot tell when to stop")
        self.rule = rule = PassageRule(recipe.passages.budget, recipe.passages.overlap)
        self.relations = relations = relation_codec(recipe, data.train, types)
        self.items: Sequence[Item]
        if relations is None:
            self.items, self.fates = examples(data.train, codec_of(recipe, types), rule)
        elif recipe.joint.sharing == "marked":
            singly, self.fates = examples(data.train, codec_of(recipe, types), rule)
            marked = map(mark, data.train)
            together, _, self.related = self._stretches(marked, recipe, relations)
            self.items = [*singly, *together]
        else:
            self.items, self.fates, self.related = self._stretches(data.train, recipe, relations)
        self.cut = [example.passage for item in self.items for example in item.examples]
        if start is None:
            self.recipe, self.indexers = fit_indexers(recipe, self.cut)
        else:
            self.recipe, self.indexers = start.recipe_with_sizes(recipe), dict(start.indexers)

    def _stretches(
        self, documents: Iterable[Document], recipe: Recipe, relations: RelationCodec
    ) -> tuple[list[Stretch], Fates, RelationFates]:
        """Of the training documents, plain or marked, with what the rules say that the codec names."""
        rules = Assertion(relations.language) if relations.language else None
        ruled = {} if rules is None else {document.id: rules.values(document) for document in self.data.train}
        tokens = recipe.training.batch_tokens
        return stretches(documents, codec_of(recipe, self.types), relations, self.rule, tokens, ruled)

    @property
    def yaml(self) -> str:
        return self.recipe.to_yaml()

    def build(self) -> None:
        self.network, self.codec = make_tagger(self.recipe, self.indexers, self.types, self.relations)
        start_from_pretrained(self.network, self.indexers)
        self.taken, self.total = self.start.give(self.network, self.types) if self.start else (0, 0)
        every = [example for item in self.items for example in item.examples]
        tokens, seed = self.recipe.training.batch_tokens, self.recipe.training.seed
        self.remember = rememberer(self.network, every, self.indexers.values(), tokens=tokens, seed=seed)

    def about(self) -> dict[str, Any]:
        fates = asdict(self.fates)
        return {"codec": fates if self.relations is None else {**fates, "relations": asdict(self.related)}}

    def told(self) -> Iterator[str]:
        recipe, fates = self.recipe, self.fates
        yield (
            f"{recipe.name}, seed {recipe.training.seed}: {len(self.data.train)} documents, {len(self.cut)} passages; "
            f"of their entities targets express {fates.kept} exactly, {fates.snapped} to whole tokens, "
            f"{fates.dropped} not at all"
        )
        if self.start:
            yield self.start.line(self.taken, self.total)
        if self.relations is not None:
            related = self.related
            yield (
                f"of their relations {related.kept} are candidates; {related.far} stand too far apart, "
                f"{related.signature} are between types seldom related, {related.argument} lack an end, "
                f"{related.itself} relate to themselves"
            )
            stated = Counter(name for document in self.data.train for e in document.entities for name in e.attributes)
            if few := [f"{name} ({n})" for name, n in sorted(stated.items()) if name not in self.relations.attributes]:
                yield f"too few entities have these attributes for them to be learned: {', '.join(few)}"
        unknown = Counter(e.type for document in self.data.dev for e in document.entities if e.type not in self.types)
        if unknown:
            yield (
                f"warning: dev holds {unknown.total()} entities of types that no training document has "
                f"({', '.join(sorted(unknown))}): they count as missed"
            )
        yield from ill_covered(self.indexers, self.cut)

    def batch(self, chosen: Sequence[Item]) -> Batch:
        return make_batch(chosen, self.indexers.values())

    def loss(self, network: Tagger, batch: AnyBatch, progress: float) -> Tensor:
        batch = cast(Batch, batch)
        if isinstance(network, Joint):
            network.progress = progress
            return network.loss(dict(batch.inputs), batch.own, batch.targets, batch.stretches)
        return network.loss(dict(batch.inputs), batch.own, batch.targets)

    def dev_scores(self, network: Tagger) -> Point:
        self.remember(network)
        annotator = _annotator(network, self.indexers, self.recipe, self.codec, self.rule)
        gold = self.data.dev
        return {SCORE: _strict_f1(gold, annotator)} if self.relations is None else _joint_f1(self.data, annotator)

    def line(self, point: Point) -> str:
        of_two = ""
        if "dev_relations" in point:
            of_two = f" (entities {point['dev_entities']:.4f}, relations {point['dev_relations']:.4f})"
        return f"dev strict F1 {point[SCORE]:.4f}{of_two}"

    def finish(self, run: Run, curves: Sequence[Point], say: Callable[[str], None]) -> None:
        self.remember(self.network)
        finish(run, self.recipe, self.network, self.indexers, self.codec, self.data, curves, say)


def ill_covered(indexers: Mapping[str, Indexer], cut: Sequence[Passage]) -> Iterator[str]:
    """Of vocabularies that know too little of the training texts."""
    for name, indexer in indexers.items():
        share = indexer.coverage(cut) if isinstance(indexer, Covering) else 1.0
        if share < COVERED:
            yield (
                f"warning: the vocabulary of {name} covers {share:.0%} of the training tokens; is it of the same "
                f"language and field?"
            )


def relation_codec(recipe: Recipe, documents: Sequence[Document], types: Sequence[str]) -> RelationCodec | None:
    """What a joint network is to find beside entities."""
    if recipe.task != "joint":
        return None
    joint = recipe.joint
    codec = RelationCodec.fit(
        documents,
        types,
        window=joint.window,
        most=joint.most,
        least=joint.least,
        language=joint.rules,
        ruled=PRECEDENCE if joint.rules else (),
    )
    if not codec.relations:
        raise CorpusError(
            "the training documents hold no relations, or none that occur often enough: there is nothing for a joint "
            "network to learn; take a recipe for entities alone"
        )
    return codec


def _annotator(
    tagger: Tagger, indexers: Mapping[str, Indexer], recipe: Recipe, codec: Codec, rule: PassageRule
) -> Annotator:
    """The tagger as it stands, read by the same code as the finished product."""
    relater = reading = None
    if isinstance(tagger, Joint):
        reading = torch_network(Reading(tagger)) if tagger.marked else None
        about = about_relations(tagger, recipe)
        decoder_of_relations = Relations(tagger.relation_codec, about["decoder"])
        relater = Relater(torch_pairs(tagger), tagger.relation_codec, decoder_of_relations, about["states_size"])
    weights = {name: weight.detach().float().cpu().numpy() for name, weight in tagger.decoder_weights().items()}
    decoder = DECODERS[recipe.decoder.type](codec, weights)
    network = torch_network(tagger)
    return Annotator(recipe.name, network, list(indexers.values()), decoder, rule, {}, relater=relater, reading=reading)


def _strict_f1(gold: Sequence[Document], annotator: Annotator) -> float:
    return evaluate(gold, list(annotator.pipe(gold, threads=1))).strict.micro.f1


def _joint_f1(data: Data, annotator: Annotator) -> Point:
    """What decides is the mean of both."""
    entities, related = joint_f1(data, list(annotator.pipe(data.dev, threads=1)))
    return {SCORE: (entities + related) / 2, "dev_entities": entities, "dev_relations": related}
