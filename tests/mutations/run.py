#!/usr/bin/env python3
"""Mutation check: breaks the protocol on purpose, one condition at a time, and sees whether the simulation notices.

Each breakage of breakages.py is applied to a copy of the tree, which is put back after it; the tree itself is never
touched. `run.py [--seeds N] [--to FOLDER] [name part ...]` prints a line of a Markdown table for each: in which mode
it was caught, after how many seeds, and by which rule.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from breakages import BREAKAGES

ROOT = pathlib.Path(__file__).resolve().parents[2]
IGNORED = shutil.ignore_patterns("target", ".git")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=60, help="of each mode")
    arguments.add_argument("--to", type=pathlib.Path, help="where the copy goes; kept, so that the next run builds less")
    arguments.add_argument("--list", action="store_true", help="only check that every breakage still applies")
    arguments.add_argument("names", nargs="*", help="parts of names; all if there are none")
    given = arguments.parse_args()
    chosen = [each for each in BREAKAGES if not given.names or any(part in each[0] for part in given.names)]
    for name, edits in chosen:
        for file, old, _ in edits:
            count = (ROOT / file).read_text().count(old)
            if count != 1:
                print(f"{name}: {file} holds the text to be broken {count} times, not once", file=sys.stderr)
                return 1
    if given.list:
        print(f"{len(chosen)} breakages apply")
        return 0
    copy = given.to or pathlib.Path(tempfile.mkdtemp(prefix="toonmill-mutations-"))
    shutil.copytree(ROOT, copy, ignore=IGNORED, dirs_exist_ok=True)
    print("| breakage | A | B | C | noticed first as |\n|---|---|---|---|---|", flush=True)
    try:
        for name, edits in chosen:
            print(f"| {name} | {' | '.join(play(copy, edits, given.seeds))} |", flush=True)
    finally:
        if not given.to:
            shutil.rmtree(copy, ignore_errors=True)
    return 0


def play(copy: pathlib.Path, edits, seeds: int) -> list[str]:
    whole = {file: (copy / file).read_text() for file, _, _ in edits}
    try:
        for file, old, new in edits:
            text = (copy / file).read_text()
            (copy / file).write_text(text.replace(old, new))
        return run(copy, seeds)
    finally:
        for file, text in whole.items():
            (copy / file).write_text(text)


def run(copy: pathlib.Path, seeds: int) -> list[str]:
    command = ["cargo", "test", "--offline", "-p", "toonmill-tests", "--test", "simulation", "mode_", "--", "--nocapture"]
    environment = os.environ | {
        "CARGO_TARGET_DIR": os.environ.get("CARGO_TARGET_DIR", str(copy / "target")),
        "SIM_SEEDS": str(seeds),
        "RUST_BACKTRACE": "0",
    }
    out = ""
    with subprocess.Popen(command, cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", start_new_session=True) as process:
        for line in process.stdout:
            out += line
            # Once one mode has noticed, the others need not play on.
            if line.startswith("after ") and line.rstrip().endswith(" seeds"):
                os.killpg(process.pid, signal.SIGKILL)
                break
    caught = re.findall(r"replay: SIM_SEED=\d+ SIM_MODE=(\w).*\nafter (\d+) seeds", out)
    if not caught and "test result: ok" not in out:
        errors = [line for line in out.splitlines() if line.startswith("error")]
        return ["–", "–", "–", f"it does not build or run: {errors[:1]}"]
    by_mode = dict(caught)
    unseen = "–" if caught else "no"
    cells = [by_mode.get(mode, unseen) for mode in "ABC"]
    broken = re.findall(r"^BROKEN: (.*?)(?:  \[.*)?$", out, re.MULTILINE)
    first = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "J", broken[0]) if broken else f"not in {seeds} seeds a mode"
    return [*cells, first.replace("|", "/")[:110]]


if __name__ == "__main__":
    sys.exit(main())
