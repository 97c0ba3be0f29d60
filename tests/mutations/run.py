#!/usr/bin/env python3
"""Mutation check: breaks the protocol on purpose, one condition at a time, and sees whether the simulation notices.

All breakages of breakages.py are built into one program, in a copy of the tree under target/mutations, where each broken
expression asks which breakage is played (TOONMILL_BREAKAGE). Each mode plays a breakage with growing numbers of
seeds until it notices. What was found is kept: a run that is stopped goes on where it was, as long as the sources and the
breakage are the same. At the end, and with --table, a Markdown table is printed.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

from breakages import BREAKAGES, SECOND_LOCKS

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "mutations"
SWITCH = '''
/// Which breakage is played: 0 for none.
pub fn breakage() -> u32 {
    static PLAYED: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *PLAYED.get_or_init(|| std::env::var("TOONMILL_BREAKAGE").ok().and_then(|number| number.parse().ok()).unwrap_or(0))
}
'''
TESTS = {"A": "mode_a", "B": "mode_b", "C": "mode_c"}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seeds", type=int, default=2_000, help="of each mode, as long as some mode has noticed")
    arguments.add_argument("--unnoticed", type=int, default=10_000, help="of each mode, for what no mode has noticed")
    arguments.add_argument("--profile", default="sim", help="cargo's")
    arguments.add_argument("--list", action="store_true", help="only check that every breakage still applies")
    arguments.add_argument("--table", action="store_true", help="only print what is known, of whatever sources it was found")
    arguments.add_argument("names", nargs="*", help="parts of names; all if there are none")
    given = arguments.parse_args()
    broken, problems = break_all({file: (ROOT / file).read_text() for _, edits in BREAKAGES for file, *_ in edits})
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    if given.list:
        print(f"{len(BREAKAGES)} breakages apply")
        return 0
    chosen = [each for each in enumerate(BREAKAGES, 1) if not given.names or any(part in each[1][0] for part in given.names)]
    results = Results(sources(), whatever_sources=given.table)
    if not given.table:
        program = build(broken, given.profile)
        play_all(program, chosen, results, given.seeds, given.unnoticed)
    print_table(chosen, results)
    return 0


def break_all(texts: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """The files with all breakages in them; what does not apply."""
    places, problems = {}, []
    for number, (name, edits) in enumerate(BREAKAGES, 1):
        for file, around, old, new in edits:
            text = texts[file]
            if text.count(around) != 1:
                # The text may itself be a part of the expression.
                problems.append(f"{name}: {file} holds {around!r} {text.count(around)} times, not once")
                continue
            at = text.index(around) + around.index(old) if old in around else text.find(old)
            if at < 0 or (old in around and around.count(old) != 1):
                problems.append(f"{name}: {file}: {old!r} is not once in {around!r}")
                continue
            places.setdefault((file, at, old), []).append((number, new))
    broken = dict(texts)
    for (file, at, old), variants in sorted(places.items(), reverse=True, key=lambda place: place[0][1]):
        crate = "crate" if file.startswith("shared/domain/") else "toonmill_domain"
        arms = "".join(f"{number} => {{ {new} }} " for number, new in variants)
        choice = f"(match {crate}::breakage() {{ {arms}_ => {{ {old} }} }})"
        text = broken[file]
        if text[at:at + len(old)] != old:
            problems.append(f"{file}: two breakages overlap at {old!r}")
        broken[file] = text[:at] + choice + text[at + len(old):]
    switch = "shared/domain/src/lib.rs"
    broken[switch] = (ROOT / switch).read_text() + SWITCH
    # Crates of another version are built beside the tree's own, whose dependencies they share.
    broken["Cargo.toml"] = (ROOT / "Cargo.toml").read_text().replace('\nversion = "', '\nversion = "0.0.1-broken.', 1)
    return broken, problems


def sources() -> dict[str, bytes]:
    """What a copy needs to be built: everything that git knows or would add."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True)
    files = [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    return {name: (ROOT / name).read_bytes() for name in files}


def build(broken: dict[str, str], profile: str) -> pathlib.Path:
    copy = WORK / "tree"
    wanted = sources() | {file: text.encode() for file, text in broken.items()}
    for old in copy.rglob("*"):
        if old.is_file() and str(old.relative_to(copy)) not in wanted:
            old.unlink()
    for name, content in wanted.items():
        path = copy / name
        # What is the same keeps its time, so that cargo builds only what changed.
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    command = ["cargo", "test", "--offline", "--profile", profile, "-p", "toonmill-tests", "--test", "simulation", "--no-run",
               "--message-format=json-render-diagnostics"]
    # The dependencies are those of the tree itself, built once.
    environment = os.environ | {"CARGO_TARGET_DIR": os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))}
    print("building", file=sys.stderr, flush=True)
    built = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    if built.returncode:
        raise SystemExit(built.stderr)
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "simulation":
            return pathlib.Path(message["executable"])
    raise SystemExit("cargo named no program")


class Results:
    """What is known of each breakage and mode, kept in a file."""

    def __init__(self, wanted: dict[str, bytes], whatever_sources: bool):
        code = {name: content for name, content in wanted.items() if name.endswith((".rs", ".toml", ".lock"))}
        digest = hashlib.sha256()
        for name in sorted(code):
            digest.update(name.encode() + b"\0" + code[name] + b"\0")
        self.digest = digest.hexdigest()
        self.path = WORK / "results.json"
        kept = json.loads(self.path.read_text()) if self.path.is_file() else {}
        self.known = kept.get("known", {}) if whatever_sources or kept.get("sources") == self.digest else {}

    def of(self, name: str, edits, mode: str) -> dict:
        key = hashlib.sha256(repr((name, edits)).encode()).hexdigest()[:16]
        return self.known.setdefault(f"{key} {mode}", {"played": 0, "noticed": None, "as": None})

    def keep(self) -> None:
        WORK.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps({"sources": self.digest, "known": self.known}, indent=1))
        new.replace(self.path)


def play_all(program: pathlib.Path, chosen, results: Results, seeds: int, unnoticed: int) -> None:
    steps = sorted({step for step in (30, 100, 300, 1_000, 3_000, seeds, unnoticed) if step <= max(seeds, unnoticed)})
    for mode in TESTS:
        run(program, 0, mode, 1, 20, must_pass=True)
    for step in steps:
        for number, (name, edits) in chosen:
            by_mode = {mode: results.of(name, edits, mode) for mode in TESTS}
            noticed = any(known["noticed"] for known in by_mode.values())
            for mode, known in by_mode.items():
                if known["noticed"] or known["played"] >= step or step > (seeds if noticed else unnoticed):
                    continue
                began = time.monotonic()
                found = run(program, number, mode, known["played"] + 1, step - known["played"])
                if found:
                    known["noticed"], known["as"] = found[0] + known["played"], found[1]
                    noticed = True
                known["played"] = known["noticed"] or step
                results.keep()
                said = f"noticed by seed {known['noticed']}: {known['as']}" if found else f"not noticed in {step}"
                print(f"{name}, mode {mode}: {said} ({time.monotonic() - began:.0f} s)", flush=True)


def run(program: pathlib.Path, number: int, mode: str, first: int, seeds: int, must_pass: bool = False):
    """After how many seeds it was noticed, and as what; nothing if it was not."""
    environment = os.environ | {"TOONMILL_BREAKAGE": str(number), "SIM_SEEDS": str(seeds), "SIM_FROM": str(first), "RUST_BACKTRACE": "0"}
    command = [str(program), TESTS[mode], "--nocapture"]
    done = subprocess.run(command, cwd=WORK / "tree" / "tests", env=environment, capture_output=True, text=True, errors="replace")
    out = done.stdout + done.stderr
    after = re.search(r"^after (\d+) seeds", out, re.MULTILINE)
    if must_pass and done.returncode:
        raise SystemExit(f"the unbroken program fails in mode {mode}:\n{out[-4_000:]}")
    if done.returncode and not after:
        return 1, "the program ends: " + next((line for line in out.splitlines() if "panicked" in line), out[-200:])[:100]
    if not after:
        return None
    broken = re.search(r"^BROKEN: (.*?)(?:  \[.*)?$", out, re.MULTILINE)
    what = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "J", broken.group(1) if broken else "a panic")
    return int(after.group(1)), what.replace("|", "/")[:100]


def print_table(chosen, results: Results) -> None:
    print("\n| breakage | A | B | C | noticed first as |\n|---|---|---|---|---|")
    for _, (name, edits) in chosen:
        by_mode = [results.of(name, edits, mode) for mode in TESTS]
        cells = [str(known["noticed"]) if known["noticed"] else f"no ({known['played']})" if known["played"] else "–" for known in by_mode]
        first = min((known for known in by_mode if known["noticed"]), key=lambda known: known["noticed"],
                    default={"as": "not noticed: " + SECOND_LOCKS.get(name, "no meeting that shows it was played")})
        print(f"| {name} | {' | '.join(cells)} | {first['as']} |")
    every = [[results.of(name, edits, mode)["noticed"] for mode in TESTS] for _, (name, edits) in chosen]
    print(f"\n{sum(any(each) for each in every)} of {len(every)} noticed")


if __name__ == "__main__":
    sys.exit(main())
