"""CPU per request of each sample: one gateway, all samples in short turns, many times over. Machines are shared and their
clocks change: only figures of the same run can be compared."""

import contextlib
import random
import statistics
import sys
import time

import load
import tokens
from bodies import BODIES

TURN = 0.2  # seconds
WARM_UP = 1.0  # V8 compiles the code that runs often
CONNECTIONS = 16  # Envoy is busy all the time
FEW = 2  # if an answer is large, so that its copies fit into a small machine's caches
LARGE = 500_000


def check(gateway, samples):
    """Checks that every sample does what it should, before it is measured."""
    for sample in samples:
        status, headers, body = load.get(gateway.ports[sample.listener], sample.path, header(sample))
        if status != 200 or not sample.check(headers, body):
            raise RuntimeError(f"{sample.job} ({sample.peer}) went wrong: {status} {headers} {body[:200]}\n{gateway.log()[-2000:]}")


def measure(gateway, samples, rounds):
    """Microseconds per request: for each sample one figure per round."""
    with contextlib.ExitStack() as stack:
        loads = [stack.enter_context(load.Load(gateway.ports[sample.listener], sample.path, connections(sample), header(sample)))
                 for sample in samples]
        for sample, requests in zip(samples, loads):
            turn(gateway, sample, requests, WARM_UP)
        say("warm")
        figures = [[] for _ in samples]
        for number in range(1, rounds + 1):
            order = list(zip(samples, loads, figures))
            # What one turn leaves in caches and heaps, the next turn pays for: a random order changes which sample that is.
            random.Random(number).shuffle(order)
            for sample, requests, results in order:
                results.append(turn(gateway, sample, requests, TURN))
            say(f"round {number} of {rounds}")
    return figures


def header(sample):
    return tokens.header() if sample.token else None


def connections(sample):
    return FEW if len(BODIES[sample.upstream]) > LARGE else CONNECTIONS


def turn(gateway, sample, requests, seconds):
    """Lets a load run for one turn."""
    answered, right = gateway.answers(sample.listener)
    used = gateway.cpu(main=False)
    requests.let_go()
    time.sleep(seconds)
    requests.hold()
    gateway.settle(sample.listener)
    used = gateway.cpu(main=False) - used
    now_answered, now_right = gateway.answers(sample.listener)
    if now_answered == answered or now_answered - answered != now_right - right:
        raise RuntimeError(f"{sample.job} ({sample.peer}): of {now_answered - answered} requests "
                           f"{now_right - right} were answered 200\n{gateway.log()[-2000:]}")
    return used / (now_answered - answered) * 1e6


def compared(samples, figures):
    """Each sample's median, and what it adds compared with no filter: the median, for all rounds, of the difference in the
    same round."""
    plain = {sample.upstream: results for sample, results in zip(samples, figures) if sample.peer == "none"}
    rows = []
    for sample, results in zip(samples, figures):
        added = [mine - none for mine, none in zip(results, plain[sample.upstream])]
        rows.append({"job": sample.job, "peer": sample.peer, "path": sample.upstream, "us": round(statistics.median(results), 2),
                     "added_us": round(statistics.median(added), 2), "rounds": [round(result, 2) for result in results]})
    return rows


def say(text):
    print(text, file=sys.stderr, flush=True)
