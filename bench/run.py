#!/usr/bin/env python3
"""One run of the benchmarks: measures, prints the table, writes figures, table and picture. Called by run.sh."""

import argparse
import json
import os
import platform
import re
import subprocess
import sys

import bootstrap
import jobs
import picture
import rounds
import start
import table
import targets
from bodies import BODIES
from envoy import Envoy

WORK = os.path.abspath("target/bench")
# The folder where the package lua-dkjson puts the library; LuaJIT is a Lua 5.1.
DKJSON = os.environ.get("DKJSON", "/usr/share/lua/5.1")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rows and rounds: about a minute; for a look, not for the table")
    parser.add_argument("--only", metavar="REGEX", help="only the jobs whose names match, and no starts")
    parser.add_argument("--rounds", type=int, help="instead of 7 (quick) or 21")
    options = parser.parse_args()
    count = options.rounds or (7 if options.quick else 21)
    binary, module = os.environ["ENVOY"], os.environ["LUA_MODIFIER_WASM"]
    bare = os.path.join(WORK, "bare")

    with Envoy(binary, bootstrap.upstream(WORK, BODIES), WORK, "upstream") as upstream:
        behind = upstream.ports["upstream"], module, bare, DKJSON
        listeners, samples = jobs.filters(options.quick)
        if options.only:
            samples = [sample for sample in samples if sample.peer in ("none", "bare") or re.search(options.only, sample.job)]
            used = {sample.upstream for sample in samples if sample.peer != "none"}
            samples = [sample for sample in samples if sample.upstream in used]
            listeners = {name: what for name, what in listeners.items() if any(name == sample.listener for sample in samples)}
        with Envoy(binary, bootstrap.gateway(listeners, *behind), WORK, "gateway") as gateway:
            rounds.check(gateway, samples)
            rows = rounds.compared(samples, rounds.measure(gateway, samples, count))
        starts = [] if options.only else start.measure(1 if options.quick else 3, options.quick, start.starter(binary, WORK, *behind))

    result = {"envoy": version(binary), "machine": machine(), "rounds": count, "rows": rows, "starts": starts,
              "targets": targets.targets(rows, starts)}
    text = table.markdown(result)
    print(text)
    # Only the results of a full run are kept.
    write("bench/results" if not options.quick and not options.only else os.path.join(WORK, "results"), result, text)


def write(folder, result, text):
    os.makedirs(folder, exist_ok=True)
    for name, content in (("results.json", json.dumps(result, indent=1) + "\n"), ("table.md", text), ("picture.svg", picture.svg(result))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content)
    print(f"written to {os.path.relpath(folder)}: results.json, table.md, picture.svg", file=sys.stderr)


def version(binary):
    output = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout
    return re.search(r"/(\d+\.\d+\.\d+)", output)[1]


def machine():
    """The kind of machine, without its name."""
    return f"a shared machine with {os.cpu_count()} cores ({platform.machine()}, {platform.system()})"


if __name__ == "__main__":
    main()
