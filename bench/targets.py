"""The targets of the project, compared with a run."""


def targets(rows, starts):
    """Each target: its words, the figure, the limit, and whether more or less is better."""
    by_job = {(row["job"], row["peer"]): row["added_us"] for row in rows}
    starts = {row["configuration"]: row for row in starts}

    def added(job, peer):
        return by_job.get((job, peer))

    def ratio(over, under):
        return over / under if over is not None and under and under > 0 else None

    def start(name, key):
        none = starts.get("no filter")
        return starts[name][key] - none[key] if none and name in starts else None

    rows = [
        ("no script, against our hostcalls alone",
         ratio(added("no script", "ours"), added("a Wasm filter with our hostcalls alone", "bare")), "x", 1.6),
        *((f"{job}, against Envoy's Lua with the gateway's work", ratio(added(job, "ours"), added(job, "gateway")), "x", limit)
          for job, limit in (("header script", 1.5), ("header scripts in all three stages", 2.2))),
        *((f"{job}: Envoy's Lua with dkjson, against ours", ratio(added(job, "lua"), added(job, "ours")), "times", times)
          for job, times in (("JSON decorator, 1 KB", 3), ("JSON decorator, 100 KB", 4), ("the page's collection, 100 items", 6))),
        *((f"{job}, against Envoy's Lua", ratio(added(job, "ours"), added(job, "lua")), "x", limit)
          for job, limit in (("200 strings formatted and joined", 5), ("loop of 10,000 additions", 4.5), ("a side request", 2),
                             ("three backends merged", 0.5))),
        ("header script among 10,000 endpoints, against one",
         ratio(added("header script, 10,000 endpoints", "ours"), added("header script, 1 endpoint", "ours")), "x", 1.1),
        ("CPU to load 1,000 scripts, in the main thread and a worker, the module's compilation included",
         start("1,000 scripts", "cpu"), "s", 2.0),
        ("memory of the first worker with 100 endpoints and scripts, the main thread's and the compiled code included",
         megabytes(start("100 scripts", "process")), "MB", 64),
    ]
    return [{"target": words, "value": value, "unit": unit, "limit": limit, "met": met(value, unit, limit)}
            for words, value, unit, limit in rows if value is not None]


def megabytes(size):
    return size / 1e6 if size is not None else None


def met(value, unit, limit):
    return value is not None and (value >= limit if unit == "times" else value <= limit)
