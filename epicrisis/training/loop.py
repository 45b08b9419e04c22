"""Train a recipe on documents: one loop for every system, Lightning's Trainer."""

import logging
import os
import random
import signal
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint, RichProgressBar

from epicrisis.decoding import DECODERS, Relations
from epicrisis.document import Document
from epicrisis.encoding import Covering, Indexer
from epicrisis.errors import CorpusError
from epicrisis.evaluation import (
    evaluate,
    evaluate_relations,
)
from epicrisis.models import Joint, Tagger, codec_of, fit_indexers, make_tagger, start_from_pretrained
from epicrisis.recipe import Recipe, Training
from epicrisis.runtime import Annotator, Relater
from epicrisis.text import Codec, Passage, PassageRule, RelationCodec, mark
from epicrisis.training.batches import Item, examples, stretches
from epicrisis.training.data import Data, documents_hash
from epicrisis.training.export import Reading, write_json
from epicrisis.training.finishing import about_relations, finish
from epicrisis.training.module import DEV_SCORE, Point, TaggerModule, torch_network, torch_pairs
from epicrisis.training.run import Run, versions
from epicrisis.training.starting import Start
from epicrisis.training.support import rememberer

COVERED = 0.8
"""Share of the training tokens that a pre-trained vocabulary should know."""


def train(
    recipe: Recipe,
    data: Data,
    out: Path,
    *,
    start: Start | None = None,
    resume: bool = False,
    progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Run:
    """Train a recipe and leave a run folder with its model.

    start     the model whose weights and vocabularies training starts from
    resume    go on with the run that lies in `out`
    progress  show a bar for the epoch on the terminal
    say       takes a line for each epoch

    Killed at any moment and called again with `resume`, it ends with the same weights, bit for bit, as a run that was
    not interrupted (on one machine, on a CPU).

    Raises CorpusError where there is nothing to learn or a checkpoint cannot be written, RecipeError where the recipe
    does not fit the data, ModelError where the folder is in use, KeyboardInterrupt at Ctrl-C.
    """
    run = Run(out)
    types = sorted({entity.type for document in data.train for entity in document.entities})
    if not types:
        raise CorpusError("the training documents hold no entities: there is nothing to learn")
    if not data.dev:
        raise CorpusError("there are no dev documents: training cannot tell when to stop")
    rule = PassageRule(recipe.passages.budget, recipe.passages.overlap)
    relations = _relation_codec(recipe, data.train, types)
    found: Sequence[Item]
    if relations is None:
        found, fates = examples(data.train, codec_of(recipe, types), rule)
    elif recipe.joint.sharing == "marked":
        singly, fates = examples(data.train, codec_of(recipe, types), rule)
        marked = map(mark, data.train)
        together, _, related = stretches(marked, codec_of(recipe, types), relations, rule, recipe.training.batch_tokens)
        found = [*singly, *together]
    else:
        tokens = recipe.training.batch_tokens
        found, fates, related = stretches(data.train, codec_of(recipe, types), relations, rule, tokens)
    cut = [example.passage for item in found for example in item.examples]
    if start is None:
        recipe, indexers = fit_indexers(recipe, cut)
    else:
        recipe, indexers = start.recipe_with_sizes(recipe), dict(start.indexers)
    _make_repeatable(recipe.training)
    tagger, codec = make_tagger(recipe, indexers, types, relations)
    start_from_pretrained(tagger, indexers)
    taken, total = start.give(tagger, types) if start else (0, 0)
    about = {
        **data.about,
        "recipe": recipe.name,
        "seed": recipe.training.seed,
        "documents_hash": documents_hash(data),
        "codec": asdict(fates) if relations is None else {**asdict(fates), "relations": asdict(related)},
        "versions": versions(),
        **({"started_from": {"model": start.about["name"], "weights": start.hash}} if start else {}),
        "finished": False,
    }
    run.begin(recipe.to_yaml(), about, data.split, resume=resume)
    if run.finished:
        say(f"{out}: this run is finished")
        return run
    say(
        f"{recipe.name}, seed {recipe.training.seed}: {len(data.train)} documents, {len(cut)} passages; of their "
        f"entities targets express {fates.kept} exactly, {fates.snapped} to whole tokens, {fates.dropped} not at all"
    )
    if start:
        say(f"{taken / total:.0%} of the network's numbers start from the model {start.about['name']}")
    if relations is not None:
        say(
            f"of their relations {related.kept} are candidates; {related.far} stand too far apart, {related.signature} "
            f"are between types seldom related, {related.argument} lack an end, {related.itself} relate to themselves"
        )
    for warning in _warnings(data, types, indexers, cut):
        say(warning)

    every = [example for item in found for example in item.examples]
    tokens, seed = recipe.training.batch_tokens, recipe.training.seed
    remember = rememberer(tagger, every, indexers.values(), tokens=tokens, seed=seed)

    def dev_scores(network: Tagger) -> Point:
        remember(network)
        annotator = _annotator(network, indexers, recipe, codec, rule)
        return {DEV_SCORE: _strict_f1(data.dev, annotator)} if relations is None else _joint_f1(data.dev, annotator)

    module = TaggerModule(tagger, recipe.training, found, list(indexers.values()), dev_scores)
    if not _exhausted(run, recipe.training.patience):
        _fit_into_memory(module, run, say, progress)
    checkpoint = torch.load(run.best, map_location="cpu", weights_only=True)
    tagger.load_state_dict({n.removeprefix("tagger."): w for n, w in checkpoint["state_dict"].items()})
    remember(tagger)
    finish(run, recipe, tagger, indexers, codec, data, _curves(run), say)
    return run


def _relation_codec(recipe: Recipe, documents: Sequence[Document], types: Sequence[str]) -> RelationCodec | None:
    """What a joint network is to find beside entities."""
    if recipe.task != "joint":
        return None
    joint = recipe.joint
    codec = RelationCodec.fit(documents, types, window=joint.window, most=joint.most, least=joint.least)
    if not codec.relations:
        raise CorpusError(
            "the training documents hold no relations, or none that occur often enough: there is nothing for a joint "
            "network to learn; take a recipe for entities alone"
        )
    return codec


def _warnings(
    data: Data, types: Sequence[str], indexers: Mapping[str, Indexer], cut: Sequence[Passage]
) -> Iterator[str]:
    """What a user should know before waiting for the end of training."""
    unknown = Counter(e.type for document in data.dev for e in document.entities if e.type not in types)
    if unknown:
        yield (
            f"warning: dev holds {unknown.total()} entities of types that no training document has "
            f"({', '.join(sorted(unknown))}): they count as missed"
        )
    for name, indexer in indexers.items():
        share = indexer.coverage(cut) if isinstance(indexer, Covering) else 1.0
        if share < COVERED:
            yield (
                f"warning: the vocabulary of {name} covers {share:.0%} of the training tokens; is it of the same "
                f"language and field?"
            )


class _AtomicIO(TorchCheckpointIO):
    """Writes a checkpoint aside and renames it, so that a killed run never leaves half of one.

    Raises CorpusError where it cannot be written.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None) -> None:
        target = Path(path)
        aside = target.with_name(target.name + ".part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            torch.save(checkpoint, aside)
            os.replace(aside, target)
        except (OSError, RuntimeError) as error:  # a RuntimeError is what torch makes of a full disk, and of Ctrl-C
            aside.unlink(missing_ok=True)
            if isinstance(error.__context__, KeyboardInterrupt):
                raise KeyboardInterrupt from None
            raise CorpusError(
                f"{target}: cannot be written: the disk may be full; free some and go on with --resume"
            ) from error


class _BestCheckpoint(ModelCheckpoint):
    """Keeps the best score when the run's folder was moved, where Lightning would forget it and keep the next epoch."""

    @property
    def state_key(self) -> str:
        """Lightning's own, under which earlier versions kept the score."""
        return super().state_key.replace(type(self).__qualname__, ModelCheckpoint.__qualname__, 1)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        folder = str(self.dirpath)

        def moved(path: str) -> str:
            return os.path.join(folder, os.path.basename(path)) if path else ""

        super().load_state_dict(
            {
                **state_dict,
                "dirpath": folder,
                "best_model_path": moved(state_dict["best_model_path"]),
                "kth_best_model_path": moved(state_dict["kth_best_model_path"]),
                "best_k_models": {moved(path): score for path, score in state_dict["best_k_models"].items()},
            }
        )


class _Curves(Callback):
    """Keeps curves.json up to date and says how each epoch went."""

    def __init__(self, run: Run, say: Callable[[str], None]) -> None:
        self.run, self.say = run, say

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        curves: list[Point] = module.curves  # type: ignore[assignment]
        write_json(self.run.folder / "curves.json", curves)
        now = curves[-1]
        best = max(point[DEV_SCORE] for point in curves)
        of_two = ""
        if "dev_relations" in now:
            of_two = f" (entities {now['dev_entities']:.4f}, relations {now['dev_relations']:.4f})"
        self.say(
            f"epoch {now['epoch']:.0f}  loss {now['loss']:.4f}  dev strict F1 {now[DEV_SCORE]:.4f}{of_two}  "
            f"(best {best:.4f})  {now['seconds']:.1f} s"
        )


def _curves(run: Run) -> list[Point]:
    """Those of the last checkpoint, which curves.json may be ahead of."""
    if not run.last.is_file():
        return []
    curves: list[Point] = torch.load(run.last, map_location="cpu", weights_only=True)["curves"]
    return curves


def _exhausted(run: Run, patience: int) -> bool:
    """Whether a run was stopped after its patience had ended: early stopping itself forgets that it has stopped."""
    scores = [point[DEV_SCORE] for point in _curves(run)]
    return bool(scores) and len(scores) - 1 - scores.index(max(scores)) >= patience


def _fit_into_memory(module: TaggerModule, run: Run, say: Callable[[str], None], progress: bool) -> None:
    """Fit; where memory does not suffice, go on from the last epoch with half the batch, and two of them a step."""
    parts = 1
    while True:
        try:
            return _fit(module, run, say, progress, parts)
        except RuntimeError as error:  # torch.OutOfMemoryError is one, too
            if not (module.learning and _is_out_of_memory(error) and module.batch_tokens > module.longest):
                raise
        parts *= 2
        module.batch_tokens = max(1, module.settings.batch_tokens // parts)
        say(f"memory did not suffice: going on with batches of {module.batch_tokens} tokens, {parts} of them a step")


def _is_out_of_memory(error: RuntimeError) -> bool:
    told = str(error)
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in told or "not enough memory" in told


def _fit(module: TaggerModule, run: Run, say: Callable[[str], None], progress: bool, parts: int) -> None:
    """parts: batches whose gradients are added up for one step"""
    settings = module.settings
    callbacks: list[Callback] = [
        _Curves(run, say),
        EarlyStopping(DEV_SCORE, mode="max", patience=settings.patience, check_on_train_epoch_end=True),
        _BestCheckpoint(
            run.best.parent,
            filename="best",
            monitor=DEV_SCORE,
            mode="max",
            enable_version_counter=False,
            save_on_train_epoch_end=True,
        ),
        ModelCheckpoint(run.last.parent, filename="last", enable_version_counter=False, save_on_train_epoch_end=True),
    ]
    if progress:
        callbacks.append(RichProgressBar(leave=False))
    if settings.average:
        callbacks.insert(0, EMAWeightAveraging(decay=settings.average, use_buffers=False))
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice of Lightning's on workers and loggers that is not meant for this loop
        trainer = lightning.Trainer(
            accelerator="auto",
            devices=1,
            max_epochs=settings.epochs,
            precision="bf16-mixed" if settings.precision == "bf16" else "32-true",
            accumulate_grad_batches=parts,
            reload_dataloaders_every_n_epochs=1,
            num_sanity_val_steps=0,
            logger=False,
            enable_progress_bar=progress,
            enable_model_summary=False,
            callbacks=callbacks,
            plugins=[_AtomicIO()],
            default_root_dir=str(run.folder),
        )
        at_interrupt = signal.getsignal(signal.SIGINT)
        try:
            trainer.fit(module, ckpt_path=str(run.last) if run.last.is_file() else None, weights_only=True)
        except SystemExit as error:  # what Lightning makes of Ctrl-C, which it then turns off
            if not isinstance(error.__context__, KeyboardInterrupt):
                raise
            signal.signal(signal.SIGINT, at_interrupt)
            raise KeyboardInterrupt from None


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


def _joint_f1(gold: Sequence[Document], annotator: Annotator) -> Point:
    """Strict F1 of entities and of relations, end to end; what decides is their mean."""
    predicted = list(annotator.pipe(gold, threads=1))
    entities = evaluate(gold, predicted).strict.micro.f1
    related = evaluate_relations(gold, predicted).strict.micro.f1
    return {DEV_SCORE: (entities + related) / 2, "dev_entities": entities, "dev_relations": related}


def _make_repeatable(settings: Training) -> None:
    """Everything that decides which weights come out, but for the processor."""
    random.seed(settings.seed)
    np.random.seed(settings.seed)
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
