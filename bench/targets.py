"""What the project wants of itself, held against a run."""


def targets(rows, starts):
    """Each target: words, the figure, the limit, and whether more or less is better."""
    by_job = {(row["job"], row["peer"]): row["added_us"] for row in rows}
    starts = {row["configuration"]: row for row in starts}

    def added(job, peer):
        return by_job.get((job, peer))

    def ratio(over, under):
        return over / under if over is not None and under and under > 0 else None

    def start(name, key):
        none = starts.get("no filter")
        return starts[name][key] - none[key] if none and name in starts else None

    lua_header = added("header script", "lua")
    rows = [
        ("header script, against Envoy's Lua", ratio(added("header script", "ours"), lua_header), "x", 1.5),
        ("header scripts in all three stages, against Envoy's Lua with the same",
         ratio(added("header scripts in all three stages", "ours"), added("header scripts in all three stages", "lua")), "x", 2.5),
        ("header scripts in all three stages, against Envoy's Lua with one",
         ratio(added("header scripts in all three stages", "ours"), lua_header), "x", 2.5),
        *((f"{job}: Envoy's Lua with dkjson, against ours", ratio(added(job, "lua"), added(job, "ours")), "times", times)
          for job, times in (("JSON decorator, 1 KB", 2), ("JSON decorator, 100 KB", 4), ("the page's collection, 100 items", 3))),
        ("header script among 10,000 endpoints, against one",
         ratio(added("header script, 10,000 endpoints", "ours"), added("header script, 1 endpoint", "ours")), "x", 1.2),
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
