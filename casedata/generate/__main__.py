"""Write a world: `python -m casedata.generate --seed 7 --out FOLDER [--members N]`."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import NoReturn

from . import make_world
from .package import write_world


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        sys.exit(f"{message[0].upper()}{message[1:]}: see `python3 course.py world --help`.")


def number(text: str) -> int:
    """Return a whole number of at most 12 digits, as the course takes them."""
    if not re.fullmatch("[0-9]{1,12}", text):
        raise argparse.ArgumentTypeError(
            f"{text[:40]!r} is not a whole number of at most 12 digits"
        )
    return int(text)


def main() -> None:
    """Read the command line, make the world, write it."""
    parser = Parser(prog="course.py world", description=__doc__)
    parser.add_argument("--seed", type=number, default=2025, help="the world's number (2025)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the tables")
    parser.add_argument("--members", type=number, default=8_000, help="size of the club (8000)")
    arguments = parser.parse_args()
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)  # or say so before the work, not after
        world = make_world(arguments.seed, members=arguments.members)
        write_world(world, arguments.out, seed=arguments.seed)
    except OSError as fault:
        sys.exit(f"The world was not written into {arguments.out}: {fault.strerror or fault}.")
    rows = sum(len(table) for table in world.values())
    print(f"World {arguments.seed}: {len(world)} tables, {rows:,} rows in {arguments.out}")


if __name__ == "__main__":
    main()
