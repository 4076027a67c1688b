"""A table of what is measured: jobs, and for each job the filters that do it. Knows nothing of Envoy's configuration
(bootstrap.py)."""

import dataclasses
import functools
import json
import os

import tokens

LUA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lua")
HOST = "http://backend"
RATES = {"max_rate": 1e9, "client_max_rate": 1e9, "strategy": "ip"}


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """One endpoint of a KrakenD document. Scripts are the texts of files in lua/ours, or texts that a caller gives."""
    path: str
    upstream: tuple = ("/1kb",)
    data: bool = False  # is the body read as JSON? Otherwise it passes unread
    scripts: dict = dataclasses.field(default_factory=dict)  # (block, half) to code
    open_libs: bool = False
    protected: bool = False  # by auth/validator
    rates: bool = False  # by qos/ratelimit/router, whose limit no request reaches

    def document(self):
        """The endpoint's entry in "endpoints"."""
        encoding = "json" if self.data else "no-op"
        extra = {level: {} for level in ("endpoint", "proxy", "backend")}
        for (level, half), code in self.scripts.items():
            extra[level].setdefault(f"modifier/lua-{level}", {"allow_open_libs": self.open_libs})[half] = code
        return {
            "endpoint": self.path, "output_encoding": encoding, "input_headers": ["*"],
            "extra_config": {**extra["endpoint"], **extra["proxy"], **({"auth/validator": tokens.VALIDATOR} if self.protected else {}),
                             **({"qos/ratelimit/router": RATES} if self.rates else {})},
            "backend": [{"host": [HOST], "url_pattern": path, "encoding": encoding, "extra_config": extra["backend"]}
                        for path in self.upstream],
        }


def document(endpoints):
    """The configuration of our filter."""
    plugin = {"clusters": {HOST: "backend"}, "limits": {"body_bytes": 16_777_216, "memory_bytes": 268_435_456}}
    return {"version": 3, "timeout": "30s", "extra_config": {"envoy/lua-modifier": plugin},
            "endpoints": [endpoint.document() for endpoint in endpoints]}


@functools.cache
def code(peer, name):
    """A script from its file."""
    with open(os.path.join(LUA, peer, f"{name}.lua"), encoding="utf-8") as file:
        return file.read()


def ours(**scripts):
    """An endpoint's scripts, from arguments like `proxy_post="decorate"`."""
    return {tuple(place.split("_")): code("ours", name) for place, name in scripts.items()}


@dataclasses.dataclass(frozen=True)
class Filter:
    """The filter before the router: nothing, a Wasm module, our filter with a document, or Envoy's own Lua."""
    kind: str  # none, bare, ours, lua; jwt: only Envoy's own filter for tokens
    document: object = None
    tokens: bool = False  # are tokens verified in front of the filter?
    code: str = ""  # of Envoy's Lua filter; of a bare Wasm filter, its name in the folder bare
    chooses: bool = False  # does the filter name the cluster of each request?


@dataclasses.dataclass(frozen=True)
class Sample:
    """One figure: requests for a path through a filter. All samples of one listener share its filter, as in production."""
    job: str
    peer: str
    listener: str
    path: str
    upstream: str  # the path that a request without any filter asks for, for comparison
    quick: bool
    check: object  # a function of headers and body
    token: bool = False  # does each request have a token?
    beside: str = ""  # samples with the same word here are compared, and so measured side by side


@dataclasses.dataclass(frozen=True)
class Job:
    """One row of the table."""
    name: str
    endpoint: Endpoint
    envoy: str = ""  # the script in lua/envoy that does the same
    check: object = staticmethod(lambda headers, body: True)
    quick: bool = True
    asks: str = ""  # a path that matches, if the endpoint's own path has parameters
    among: int = 1  # the number of endpoints in the document
    gateway: bool = False  # is Envoy's Lua also measured doing the gateway's work?


def seen(**expected):
    """A check that the upstream got these headers; it sends them back, so that we can see them."""
    return lambda headers, _: all(headers.get(f"seen-{name}") == value for name, value in expected.items())


def says(**expected):
    """A check that the body has these fields."""
    def check(_, body):
        answer = json.loads(body)
        return all(answer.get(key) == value for key, value in expected.items())
    return check


def decorated(upstream, quick=False, envoy=""):
    size = upstream.strip("/").replace("kb", " KB").replace("mb", " MB")
    endpoint = Endpoint("/job", (upstream,), True, ours(proxy_post="decorate"))
    return Job(f"JSON decorator, {size}", endpoint, envoy, says(by="lua from catalogue", decorated=True), quick)


def passed(upstream):
    size = upstream.strip("/").replace("kb", " KB").replace("mb", " MB")
    return Job(f"header script, {size} body", Endpoint("/job", (upstream,), False, ours(endpoint_pre="header")),
               check=seen(**{"x-from": "lua GET"}), quick=False)


def collected(count, quick, envoy="collection"):
    endpoint = Endpoint("/job", (f"/{count}-items",), True, ours(proxy_post="collection"))
    return Job(f"the page's collection, {count:,} items", endpoint, envoy, says(total=count), quick)


def matched(count, quick):
    endpoint = Endpoint("/api/{version}/resource-0/{id}", scripts=ours(endpoint_pre="header"))
    return Job(f"header script, {count:,} endpoint{'s' * (count > 1)}", endpoint, check=seen(**{"x-from": "lua GET"}), quick=quick,
               asks=f"/api/v1/resource-{count // 2}/7", among=count)


@dataclasses.dataclass(frozen=True)
class Bare:
    """A bare Wasm filter, by the name of its file: what is left to ours, however fast it is."""
    job: str
    beside: str  # the job whose hostcalls it makes
    upstream: str = "/1kb"
    check: object = staticmethod(lambda headers, body: True)
    chooses: bool = True


MERGED = says(a={"name": "first", "values": [1, 2, 3]}, c={"name": "third", "values": [7, 8, 9]})

# The first shows what any Wasm filter costs; the others ask of Envoy what ours does, but in a fixed way.
BARE = {
    "noop": Bare("a Wasm filter that does nothing", "no script", chooses=False),
    "hostcalls": Bare("a Wasm filter with our hostcalls alone", "no script"),
    "side": Bare("our hostcalls alone for a side request", "a side request", check=seen(**{"x-from": "lua 200"})),
    "merge": Bare("our hostcalls alone for three backends merged", "three backends merged", "/part-a", MERGED, False),
}

TOKEN = "a request with a valid token"

HEADER = ours(endpoint_pre="header")
STAGES = {**HEADER, **ours(proxy_pre="proxy_header", backend_pre="backend_header")}
ALL_SEEN = {"x-from": "lua GET", "x-proxy": "lua GET", "x-backend": "lua GET"}

JOBS = [
    Job("no script", Endpoint("/job"), gateway=True),
    Job("no script, JSON 1 KB", Endpoint("/job", data=True), check=says(source="catalogue")),
    Job("header script", Endpoint("/job", scripts=HEADER), "header", seen(**{"x-from": "lua GET"}), gateway=True),
    Job("header scripts in all three stages", Endpoint("/job", scripts=STAGES), "stages", seen(**ALL_SEEN), gateway=True),
    Job("the same, and one on the response", Endpoint("/job", scripts={**STAGES, **ours(proxy_post="response_header")}),
        "both_ways", lambda headers, body: seen(**ALL_SEEN)(headers, body) and headers.get("x-served") == "lua 200"),
    decorated("/1kb", True, "decorate"),
    decorated("/10kb"),
    decorated("/100kb", True, "decorate"),
    decorated("/1mb"),
    decorated("/4mb"),
    collected(100, True),
    collected(10_000, False),
    Job("loop of 10,000 additions", Endpoint("/job", scripts=ours(endpoint_pre="compute")), "compute",
        seen(**{"x-from": "29998"})),
    Job("200 strings formatted and joined", Endpoint("/job", scripts=ours(endpoint_pre="strings"), open_libs=True), "strings",
        seen(**{"x-from": "1691"})),
    Job("a side request", Endpoint("/job", scripts=ours(proxy_pre="side")), "side", seen(**{"x-from": "lua 200"})),
    Job("three backends merged", Endpoint("/job", ("/part-a", "/part-b", "/part-c"), True), "merge", MERGED),
    Job(TOKEN, Endpoint("/job", protected=True)),
    Job("rates of the endpoint and of its clients", Endpoint("/job", rates=True)),
    passed("/100kb"),
    passed("/1mb"),
    passed("/4mb"),
    matched(1, True),
    matched(100, False),
    matched(10_000, True),
]


def endpoints(job):
    """The endpoints of a job's document: they are equal, except for a number in their paths."""
    return [dataclasses.replace(job.endpoint, path=job.endpoint.path.replace("resource-0", f"resource-{number}"))
            for number in range(job.among)]


def filters(quick):
    """Every listener by name, and every sample."""
    listeners = {"none": Filter("none"), **{name: Filter("bare", code=name, chooses=bare.chooses) for name, bare in BARE.items()}}
    jobs = [job for job in JOBS if job.quick or not quick]
    anything = lambda headers, body: True
    plain = dict.fromkeys(job.endpoint.upstream[0] for job in jobs)
    samples = [Sample("no filter", "none", "none", path, path, True, anything) for path in plain]
    samples += [Sample(bare.job, "bare", name, bare.upstream, bare.upstream, True, bare.check, beside=bare.beside) for name, bare in BARE.items()]
    for number, job in enumerate(jobs):
        upstream = job.endpoint.upstream[0]
        protected = job.endpoint.protected
        beside = "endpoints" if job.asks else job.name
        listeners[f"ours-{number}"] = Filter("ours", document(endpoints(job)), tokens=protected, chooses=True)
        samples.append(Sample(job.name, "ours", f"ours-{number}", job.asks or job.endpoint.path, upstream, job.quick, job.check, protected, beside))
        if protected:  # it is compared with a filter, not with a script
            listeners[f"jwt-{number}"] = Filter("jwt")
            samples.append(Sample(job.name, "jwt", f"jwt-{number}", upstream, upstream, job.quick, job.check, protected, beside))
        if job.envoy:
            listeners[f"lua-{number}"] = Filter("lua", code=code("envoy", job.envoy))
            samples.append(Sample(job.name, "lua", f"lua-{number}", upstream, upstream, job.quick, job.check, beside=beside))
        if job.gateway:
            script = code("envoy", job.envoy) if job.envoy else ""
            listeners[f"gateway-{number}"] = Filter("lua", code=f"{script}\n{code('envoy', 'gateway')}", chooses=True)
            samples.append(Sample(job.name, "gateway", f"gateway-{number}", "/job", upstream, job.quick, job.check, beside=beside))
    return listeners, samples
