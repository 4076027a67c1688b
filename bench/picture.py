"""The figures of a run as a picture: a bar for each job and filter, on a logarithmic scale."""

import math
from xml.sax.saxutils import escape

PEERS = {"ours": ("lua-modifier", "#2563eb"), "bare": ("a bare Wasm filter", "#9ca3af"),
         "lua": ("Envoy's own Lua filter", "#f59e0b"), "gateway": ("the same, doing the gateway's work", "#b45309"),
         "jwt": ("Envoy's jwt_authn alone", "#10b981")}
LEFT, WIDTH, BAR, GAP, TOP = 290, 560, 12, 10, 64
LEAST = 1.0  # microseconds: the beginning of the scale


def svg(result):
    by_job = {}
    for row in result["rows"]:
        if row["peer"] != "none":
            by_job.setdefault(row["job"], []).append(row)
    most = max(row["added_us"] for rows in by_job.values() for row in rows)
    decades = math.ceil(math.log10(most / LEAST))

    def x(value):
        return LEFT + WIDTH * math.log10(max(value, LEAST) / LEAST) / decades

    y, shapes = TOP, []
    for job, rows in by_job.items():
        middle = y + len(rows) * BAR / 2 + 4
        shapes.append(f'<text x="{LEFT - 8}" y="{middle:.0f}" text-anchor="end">{escape(job)}</text>')
        for row in rows:
            value = row["added_us"]
            shapes.append(f'<rect x="{LEFT}" y="{y}" width="{max(x(value) - LEFT, 1):.1f}" height="{BAR - 2}" '
                          f'fill="{PEERS[row["peer"]][1]}"/>')
            label = f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
            shapes.append(f'<text x="{x(value) + 4:.1f}" y="{y + BAR - 3}" class="small">{label}</text>')
            y += BAR
        y += GAP
    grid = []
    for decade in range(decades + 1):
        at = LEFT + WIDTH * decade / decades
        grid.append(f'<line x1="{at:.0f}" y1="{TOP - 6}" x2="{at:.0f}" y2="{y}" stroke="#e5e7eb"/>')
        grid.append(f'<text x="{at:.0f}" y="{TOP - 10}" text-anchor="middle" class="small">{LEAST * 10 ** decade:,.0f} µs</text>')
    legend, at = [], LEFT
    for name, colour in PEERS.values():
        legend.append(f'<rect x="{at}" y="28" width="10" height="10" fill="{colour}"/>'
                      f'<text x="{at + 14}" y="37" class="small">{escape(name)}</text>')
        at += 40 + 6 * len(name)
    height = y + 10
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 70} {height}" font-family="sans-serif" font-size="12">',
        "<style>.small { font-size: 10px; fill: #374151 }</style>",
        f'<rect width="100%" height="{height}" fill="white"/>',
        '<text x="12" y="18" font-size="14">CPU per request that a filter adds to Envoy (logarithmic)</text>',
        *legend, *grid, *shapes, "</svg>", ""])
