import re
from pathlib import Path

import pytest

from epicrisis.benchmark import read_plan
from epicrisis.benchmark.plan import without_folders
from epicrisis.errors import RecipeError
from epicrisis.models import parts_and_settings

PARTS = parts_and_settings()
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarking.md"


def plan(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "plan.yaml"
    file.write_text(text, "utf-8")
    return file


def test_lists_are_crossed_in_the_order_of_the_plan(tmp_path: Path) -> None:
    file = plan(
        tmp_path,
        """
runs:
  - {recipe: cnn-bilstm-crf, corpus: [ccks-2019, jsonl], seeds: [3, 1]}
  - recipe: [cnn-bilstm-crf]
    corpus: jsonl
    set: [model.encoder.hidden_size=64, training.epochs=2]
  - {recipe: cnn-bilstm-crf, corpus: jsonl, seeds: 7, set: training.average=0.5, name: averaged}
""",
    )
    found = read_plan(file, PARTS)
    assert [(one.corpus, one.recipe.training.seed, one.label) for one in found] == [
        ("ccks-2019", 3, ""),
        ("ccks-2019", 1, ""),
        ("jsonl", 3, ""),
        ("jsonl", 1, ""),
        ("jsonl", 1, "encoder.hidden_size=64, training.epochs=2"),
        ("jsonl", 7, "averaged"),
    ]
    assert found[4].recipe.encoder.settings["hidden_size"] == 64
    assert found[5].recipe.training.average == 0.5


def test_all_mistakes_are_named_at_once_with_their_place(tmp_path: Path) -> None:
    file = plan(
        tmp_path,
        """
run: []
runs:
  - {recipe: [cnn-bilstm-crff, cnn-bilstm-crf], corpus: ccks-2018, seeds: [-1], sets: [a=b]}
  - {recipe: cnn-bilstm-crf, corpus: ccks-2019, set: [model.encoder.type=bilsm, training.epochs=many]}
  - {corpus: ccks-2019, seeds: 1.5, name: 3}
  - x
""",
    )
    with pytest.raises(RecipeError) as raised:
        read_plan(file, PARTS)
    lines = str(raised.value).splitlines()
    expected = [
        "run: there is no such key. Did you mean 'runs'?",
        "runs.0.sets: there is no such key. Did you mean 'set'?",
        "runs.0.corpus: no corpus 'ccks-2018'. Did you mean 'ccks-2019'?",
        "runs.0.seeds: a number from 0 to 4294967295 is expected, not -1",
        "runs.0.recipe: no recipe 'cnn-bilstm-crff'. Did you mean 'cnn-bilstm-crf'?",
        "runs.1.recipe: cnn-bilstm-crf, model.encoder: no 'bilsm'. Did you mean 'bilstm'?",
        "runs.1.recipe: cnn-bilstm-crf, training.epochs: int is expected",
        "runs.2.recipe: this is missing",
        "runs.2.seeds: int or a list of it is expected, not 1.5",
        "runs.2.name: str is expected, not 3",
        "runs.3: keys and values are expected here",
    ]
    assert len(lines) == len(expected)
    for beginning in expected:
        assert any(line.startswith(f"{file}, {beginning}") for line in lines), beginning


def test_a_run_stands_once_and_has_a_row_of_its_own(tmp_path: Path) -> None:
    one = "{recipe: cnn-bilstm-crf, corpus: jsonl, set: [training.epochs=2], name: a}"
    like = "{recipe: cnn-bilstm-crf, corpus: jsonl, set: [training.epochs=3], name: a}"
    same = "{recipe: cnn-bilstm-crf, corpus: jsonl, set: [training.epochs=2], name: b, seeds: [1]}"
    with pytest.raises(RecipeError) as raised:
        read_plan(plan(tmp_path, f"runs: [{one}, {like}, {same}]"), PARTS)
    assert [line.partition(", ")[2] for line in str(raised.value).splitlines()] == [
        "runs.1: cnn-bilstm-crf on jsonl with seed 1 looks in the table like that of runs.0; give it a name of its own",
        "runs.2: cnn-bilstm-crf on jsonl with seed 1 stands in runs.0 too",
    ]


@pytest.mark.parametrize("text", ["runs: [", "", "runs: []", "- runs", "runs: {recipe: x}"])
def test_what_is_no_plan_is_one_sentence(text: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"plan\.yaml.*: (this is no YAML|a plan has the key runs)"):
        read_plan(plan(tmp_path, text), PARTS)
    with pytest.raises(RecipeError, match="cannot be read"):
        read_plan(tmp_path / "nowhere.yaml", PARTS)


def test_folders_are_the_same_from_everywhere_and_labels_do_not_tell_where_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vectors" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    entry = '{recipe: cnn-bilstm-crf, corpus: jsonl, set: ["model.embedder.0.vectors=vectors/mine"]}'
    (found,) = read_plan(plan(tmp_path, f"runs: [{entry}]"), PARTS)
    assert found.recipe.embedder[0].settings["vectors"] == str((tmp_path / "vectors" / "mine").resolve())
    assert found.label == "embedder.0.vectors=mine"
    assert without_folders(str(tmp_path / "gone" / "away")) == "away"
    assert without_folders("some/name-on-a-hub") == "some/name-on-a-hub"


def test_the_plan_of_the_page_on_benchmarking_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    found = read_plan(plan(tmp_path, text), PARTS)
    assert len(found) == 9
    assert {one.label for one in found} == {"", "decoder: softmax"}


def test_folds_are_crossed_too_and_checked(tmp_path: Path) -> None:
    file = plan(tmp_path, "runs: [{recipe: cnn-bilstm-crf, corpus: ade-v2, split: [fold-0, fold-9], seeds: [1, 2]}]")
    assert [(one.split, one.recipe.training.seed) for one in read_plan(file, PARTS)] == [
        ("fold-0", 1), ("fold-0", 2), ("fold-9", 1), ("fold-9", 2),
    ]  # fmt: skip
    wrong = "runs: [{recipe: cnn-bilstm-crf, corpus: [ade-v2, genia], split: fold-10}]"
    with pytest.raises(RecipeError) as raised:
        read_plan(plan(tmp_path, wrong), PARTS)
    first, second = str(raised.value).splitlines()
    assert "runs.0.split: ade-v2 has no fold 'fold-10'. Did you mean 'fold-1'?" in first
    assert "runs.0.split: genia has no fold 'fold-10'. There are: none." in second


@pytest.mark.parametrize("file", sorted((ROOT / "benchmarks" / "plans").glob("*.yaml")), ids=lambda file: file.stem)
def test_our_own_plans_can_be_read(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for start in re.findall(r"from: ([\w-]+)", file.read_text("utf-8")):
        (tmp_path / start).mkdir(exist_ok=True)
    assert read_plan(file, PARTS)
