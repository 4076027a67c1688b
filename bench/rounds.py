"""CPU per request of each sample: one gateway, all samples in short turns, many times over. Machines are shared and their
clocks change within seconds, so what is compared is measured side by side, with a request without any filter beside it; and only
figures of the same run can be compared."""

import contextlib
import random
import statistics
import sys
import time

import load
import tokens
from bodies import BODIES

TURN = 0.1  # seconds
TURNS = 2  # of each sample in a round, in turn with those beside it
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
    """Microseconds per request: for each sample a pair per round, its own figure and that of a request without any filter, which was
    measured side by side with it. For such requests themselves, both are the same figure."""
    with contextlib.ExitStack() as stack:
        loads = {sample: stack.enter_context(load.Load(gateway.ports[sample.listener], sample.path, connections(sample), header(sample)))
                 for sample in samples}
        for sample, requests in loads.items():
            turn(gateway, sample, requests, WARM_UP)
        say("warm")
        figures = {sample: [] for sample in samples}
        for number in range(1, rounds + 1):
            # What one turn leaves in caches and heaps, the next turn pays for: a random order changes which sample that is.
            order = random.Random(number)
            groups = side_by_side(samples)
            order.shuffle(groups)
            for group in groups:
                turns = {sample: [] for sample in group}
                for _ in range(TURNS):
                    order.shuffle(group)
                    for sample in group:
                        turns[sample].append(turn(gateway, sample, loads[sample], TURN))
                results = {sample: statistics.mean(its) for sample, its in turns.items()}
                plain = {sample.upstream: result for sample, result in results.items() if sample.peer == "none"}
                for sample, result in results.items():
                    figures[sample].append((result, plain[sample.upstream]))
            say(f"round {number} of {rounds}")
    return [figures[sample] for sample in samples]


def side_by_side(samples):
    """The samples that are compared, in groups, and in each group the requests without any filter for the same paths."""
    plain = {sample.upstream: sample for sample in samples if sample.peer == "none"}
    groups = {}
    for sample in samples:
        if sample.peer != "none":
            groups.setdefault(sample.beside, []).append(sample)
    return [[*group, *{plain[sample.upstream] for sample in group}] for group in groups.values()]


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
    """Each sample's median, and what it adds compared with no filter: the median, for all rounds, of the difference to the request
    without any filter beside it."""
    rows = []
    for sample, pairs in zip(samples, figures):
        rows.append({"job": sample.job, "peer": sample.peer, "path": sample.upstream,
                     "us": round(statistics.median(own for own, _ in pairs), 2),
                     "added_us": round(statistics.median(own - plain for own, plain in pairs), 2),
                     "rounds": [round(own, 2) for own, _ in pairs]})
    return rows


def say(text):
    print(text, file=sys.stderr, flush=True)
