"""`epicrisis export`: a run's model as a folder of its own, to hand on or to ship."""

import argparse
import json
import shutil
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
    from epicrisis.runtime import load, model_folder, read_description

    source = model_folder(args.model)
    if args.out.exists():
        raise ModelError(f"{args.out}: this exists already; give another --out")
    about = read_description(source)
    about["name"] = args.name or args.out.name
    building = args.out.with_name(args.out.name + ".part")
    shutil.rmtree(building, ignore_errors=True)
    ignored = shutil.ignore_patterns(*TRAINING_FILES) if args.to_annotate_only else None
    try:
        shutil.copytree(source, building, ignore=ignored)
        (building / "model.json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")
        load(building)
        building.replace(args.out)
    except OSError as error:  # shutil.Error among them
        reason = error.strerror or "the disk may be full"
        raise ModelError(f"{args.out}: cannot be written: {reason}; free some or give another --out") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    print(f"{about['name']}: {args.out}, {sum(f.stat().st_size for f in args.out.iterdir()) / 1e6:.1f} MB")
    return 0
