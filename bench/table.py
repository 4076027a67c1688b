"""The figures of a run as Markdown."""


def markdown(result):
    lines = [f"Measured with Envoy {result['envoy']} on {result['machine']}, one worker: CPU time of the Envoy process per request,",
             f"in microseconds above a request without any filter; medians of {result['rounds']} rounds, in which what is compared is measured side by side.",
             "Envoy's Lua is its own Lua filter (LuaJIT), for JSON with dkjson; where a token is verified, its own jwt_authn alone, and ours",
             "is jwt_authn with every provider that `bundle` makes, and the filter. With the gateway's work: it rewrites path and host, adds the",
             "forwarded headers, chooses cluster and timeout and sets a header of the response, too.", ""]
    lines += jobs(result["rows"]) + [""] + starts(result["starts"]) + [""] + wanted(result["targets"])
    return "\n".join(lines) + "\n"


def jobs(rows):
    by_job = {}
    for row in rows:
        by_job.setdefault(row["job"], {})[row["peer"]] = row
    plain = {row["path"]: row["us"] for row in rows if row["peer"] == "none"}
    lines = ["| job | no filter | lua-modifier adds | Envoy's Lua adds | ratio | with the gateway's work | ratio |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for job, peers in by_job.items():
        if "none" in peers:
            continue
        mine = peers.get("ours") or peers["bare"]
        lua = peers.get("lua") or peers.get("jwt")
        lines.append(f"| {job} | {figure(plain[mine['path']])} | {figure(mine['added_us'])} | "
                     f"{against(mine, lua)} | {against(mine, peers.get('gateway'))} |")
    return lines


def against(mine, peer):
    """The time that a peer adds, and how many times as much our filter adds."""
    if not peer:
        return " | "
    # A small difference between two large figures may be measured as less than zero.
    ratio = f"{mine['added_us'] / peer['added_us']:.2f}" if peer["added_us"] > 0 else ""
    return f"{figure(peer['added_us'])} | {ratio}"


def starts(rows):
    lines = ["| configuration | ready after, s | CPU until ready, s | Envoy with one worker, MB | each further worker, MB |",
             "| --- | ---: | ---: | ---: | ---: |"]
    for row in rows:
        lines.append(f"| {row['configuration']} | {row['seconds']:.2f} | {row['cpu']:.2f} | {row['process'] / 1e6:.0f} | {row['worker'] / 1e6:.1f} |")
    return lines


def wanted(rows):
    lines = ["| target | wanted | measured | |", "| --- | ---: | ---: | --- |"]
    for row in rows:
        sign = "≥" if row["unit"] == "times" else "≤"
        lines.append(f"| {row['target']} | {sign} {row['limit']} {row['unit']} | {row['value']:.2f} {row['unit']} | "
                     f"{'met' if row['met'] else 'missed'} |")
    return lines


def figure(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
