#!/usr/bin/env python3
"""Puts the demo's KrakenD configuration, the Lua files that it names included, into envoy.yaml.

For `make run` and the container image only: they need Python and no more, while the command that makes a configuration of
anybody's krakend.json, `lua-modifier bundle`, brings wasmtime, which takes minutes to build. That command also judges the
document, makes the clusters, and follows changes; this script knows where the document stands in envoy.yaml, and nothing of
what it says.
"""

import argparse
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PLUGIN = "envoy/lua-modifier"
BLOCKS = ("modifier/lua-endpoint", "modifier/lua-proxy", "modifier/lua-backend")


def blocks(document):
    """Every block of scripts, wherever it stands."""
    endpoints = document.get("endpoints", [])
    backends = [backend for endpoint in endpoints for backend in endpoint.get("backend", [])]
    for level in [document, *endpoints, *backends]:
        extra = level.get("extra_config", {})
        yield from (extra[name] for name in BLOCKS if name in extra)


def bundle(path):
    """The document at a path with its sources inside; they are found from its folder, as KrakenD finds them from its own."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    texts = {}
    for block in blocks(document):
        # Live sources are fetched at each run, from sources_url.
        for name in [] if block.get("live") else block.get("sources", []):
            with open(os.path.join(os.path.dirname(path), name), encoding="utf-8") as file:
                texts[name] = file.read()
    if texts:
        plugin = document.setdefault("extra_config", {}).setdefault(PLUGIN, {})
        plugin["sources"] = {**texts, **plugin.get("sources", {})}
    return document


def place(document, yaml):
    """The bootstrap with the document in the place of the one that stands there."""
    inside = re.compile(r"^(?P<indent> *)value: \|\n(?:(?P=indent) +.*\n)+", re.MULTILINE)

    def replaced(match):
        indent = match["indent"]
        lines = json.dumps(document, indent=2, ensure_ascii=False).splitlines()
        return "".join([f"{indent}value: |\n", *(f"{indent}  {line}\n" for line in lines)])

    yaml, count = inside.subn(replaced, yaml)
    if count != 1:
        raise ValueError(f"expected one place for the document (`value: |`), found {count}")
    return yaml


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("krakend", metavar="krakend.json", help="the KrakenD configuration")
    parser.add_argument("--template", metavar="FILE", default=os.path.join(HERE, "envoy.yaml"))
    parser.add_argument("--set", metavar="OLD=NEW", action="append", default=[],
                        help="another text in the template, e.g. target/lua-modifier.wasm=/etc/envoy/lua-modifier.wasm")
    options = parser.parse_args()
    try:
        with open(options.template, encoding="utf-8") as file:
            yaml = file.read()
        for change in options.set:
            old, _, new = change.partition("=")
            if not old or old not in yaml:
                raise ValueError(f"{options.template} does not say {old!r}")
            yaml = yaml.replace(old, new)
        sys.stdout.write(place(bundle(options.krakend), yaml))
    except (OSError, ValueError) as problem:
        sys.exit(f"{parser.prog}: {problem}")


if __name__ == "__main__":
    main()
