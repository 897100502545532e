"""Write a world: `python -m casedata.generate --seed 7 --out FOLDER [--members N]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import make_world
from .package import write_world


def main() -> None:
    """Read the command line, make the world, write it."""
    parser = argparse.ArgumentParser(prog="python -m casedata.generate", description=__doc__)
    parser.add_argument("--seed", type=int, default=2025, help="the world's number (2025)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the tables")
    parser.add_argument("--members", type=int, default=8_000, help="size of the club (8000)")
    arguments = parser.parse_args()
    world = make_world(arguments.seed, members=arguments.members)
    write_world(world, arguments.out, seed=arguments.seed)
    rows = sum(len(table) for table in world.values())
    print(f"World {arguments.seed}: {len(world)} tables, {rows:,} rows in {arguments.out}")


if __name__ == "__main__":
    main()
