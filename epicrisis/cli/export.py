"""`epicrisis export`: a run's model as a folder of its own, to hand on or to ship."""

import argparse
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from epicrisis.errors import ModelError

TRAINING_FILES = ("network.safetensors",)


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "export", help="a run's model, as a folder to hand on", description="Copy a run's model into a folder."
    )
    parser.add_argument("model", help="a training run or model folder")
    parser.add_argument("--out", type=Path, required=True, help="the folder to make")
    parser.add_argument("--name", help="what the model calls itself; default: the folder's name")
    parser.add_argument("--to-annotate-only", action="store_true", help="leave out what only training on needs")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from epicrisis.runtime import model_folder, read_description

    source = model_folder(args.model)
    about = {**read_description(source), "name": args.name or args.out.name}
    copy_model(source, args.out, about, without=TRAINING_FILES if args.to_annotate_only else ())
    return 0


def copy_model(
    source: Path, out: Path, about: Mapping[str, Any], *, without: Sequence[str] = (), remark: str = ""
) -> None:
    """A model's folder with another model.json, which is loaded once; the size is said.

    without: files to leave behind; remark: a paragraph for the head of the card

    Raises ModelError where `out` exists, cannot be written, or cannot be loaded.
    """
    from epicrisis.runtime import load

    if out.exists():
        raise ModelError(f"{out}: this exists already; give another --out")
    building = out.with_name(out.name + ".part")
    shutil.rmtree(building, ignore_errors=True)
    try:
        shutil.copytree(source, building, ignore=shutil.ignore_patterns(*without))
        (building / "model.json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")
        if remark:
            title, _, rest = (building / "card.md").read_text("utf-8").partition("\n")
            (building / "card.md").write_text(f"{title}\n\n{remark}\n{rest}", "utf-8")
        load(building)
        building.replace(out)
    except OSError as error:  # shutil.Error among them
        reason = error.strerror or "the disk may be full"
        raise ModelError(f"{out}: cannot be written: {reason}; free some or give another --out") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    print(f"{about['name']}: {out}, {sum(f.stat().st_size for f in out.iterdir()) / 1e6:.1f} MB")
