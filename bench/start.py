"""What a configuration costs before the first request: time to start, and the memory of each worker."""

import statistics
import sys
import time

import bootstrap
import load
from envoy import Envoy
from jobs import Endpoint, Filter, code, document

WORKERS = 3
TRAFFIC = 0.5  # seconds: a worker's heap grows with its first requests

PRE = "local c = ctx.load()\nlocal tenant = 'tenant-{number}'\nif c:headers('X-Tenant') == tenant then\n" \
      "  c:headers('X-From', 'lua ' .. tenant)\nelse\n  c:headers('X-From', 'lua {number}')\nend\n"


def scripts(count):
    """So many endpoints, each with its own script."""
    return document([Endpoint(f"/api/resource-{number}", scripts={("endpoint", "pre"): PRE.format(number=number)})
                     for number in range(count)])


def plain(count):
    """So many endpoints that share one script."""
    return document([Endpoint(f"/api/resource-{number}", scripts={("endpoint", "pre"): code("ours", "header")})
                     for number in range(count)])


def configurations(quick):
    counts = [1, 100, 1000]
    rows = {"no filter": Filter("none"), "a Wasm filter that does nothing": Filter("bare", code="noop")}
    rows |= {f"{count:,} script{'s' * (count > 1)}": Filter("ours", scripts(count)) for count in counts}
    if not quick:
        rows["10,000 endpoints, one script"] = Filter("ours", plain(10_000))
    return rows


def measure(rounds, quick, start):
    """For each configuration: seconds until Envoy serves, CPU seconds for it, bytes of the process with one worker, and of each
    further worker. `start` starts an Envoy with a filter."""
    rows = {name: {"seconds": [], "cpu": [], "process": [], "worker": []} for name in configurations(quick)}
    for number in range(rounds):
        for name, what in configurations(quick).items():
            used = []
            for workers in (1, WORKERS):
                with start(what, workers) as envoy:
                    if workers == 1:
                        rows[name]["seconds"].append(envoy.ready_after)
                        rows[name]["cpu"].append(envoy.ready_cpu)
                    # Enough connections for every worker to get some.
                    path = "/api/resource-0" if what.kind == "ours" else "/1kb"
                    with load.Load(envoy.ports["gateway"], path, 24 * workers) as requests:
                        requests.let_go()
                        time.sleep(TRAFFIC)
                    used.append(envoy.memory())
            rows[name]["process"].append(used[0])
            rows[name]["worker"].append((used[1] - used[0]) / (WORKERS - 1))
        print(f"start {number + 1} of {rounds}", file=sys.stderr, flush=True)
    return [{"configuration": name, **{key: statistics.median(values) for key, values in row.items()}}
            for name, row in rows.items()]


def starter(binary, folder, upstream_port, module, bare, dkjson):
    """The function with which `measure` starts an Envoy."""
    def start(what, workers):
        config = bootstrap.gateway({"gateway": what}, upstream_port, module, bare, dkjson)
        return Envoy(binary, config, folder, "start", workers)
    return start
