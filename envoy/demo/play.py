"""The demo: sends each request of requests.json through a real Envoy, and prints it beside what the services behind saw and what
the client got. Ends with 1 where something did not come out as requests.json says.

Wants the environment that run.sh is given; PORT is another port to listen on.
"""

import http.client
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import expectations  # noqa: E402
import render  # noqa: E402
import side_by_side  # noqa: E402
from envoy_process import Envoy, EnvoyError  # noqa: E402
from upstream import Upstream  # noqa: E402

ADDRESS, PORT = "127.0.0.1", int(os.environ.get("PORT", "10000"))
WORK = HERE.parent.parent / "target" / "demo"
KRAKEND = HERE / "krakend.json"

# In every message, and of no interest here.
PLUMBING = {
    "accept-encoding", "connection", "content-length", "date", "host", "server", "transfer-encoding", "user-agent",
    "x-envoy-expected-rq-timeout-ms", "x-envoy-external-address", "x-envoy-internal", "x-envoy-upstream-service-time",
    "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id",
}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that started us with & has it ignored
    refuse_a_busy_port()
    upstream = Upstream()
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    envoy = Envoy(os.environ["ENVOY"], bootstrap(upstream.server_port), WORK / "envoy.log")
    try:
        admin = envoy.wait_until_ready()
        introduce()
        wrong = play_all(envoy, upstream)
        if os.environ.get("SERVE") not in (None, "", "0"):
            serve(envoy, admin)
    except EnvoyError as problem:
        sys.exit(str(problem))
    finally:
        envoy.stop()
        upstream.shutdown()
    sys.exit(1 if wrong else 0)


def refuse_a_busy_port():
    # Asked here, as Envoy would not complain: two of them can share a port, and take turns.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, PORT))
        except OSError as problem:
            sys.exit(f"The demo needs port {PORT} of {ADDRESS}, and it is taken ({problem.strerror}).\n"
                     f"Stop what listens there, then run this again. To see what it is: ss -ltnp 'sport = :{PORT}'")


def bootstrap(upstream_port):
    """Writes the configuration that Envoy is started with: envoy.yaml, with the demo's document and today's ports."""
    yaml = (HERE.parent / "envoy.yaml").read_text(encoding="utf-8")
    yaml = yaml.replace("port_value: 10001", f"port_value: {upstream_port}").replace("port_value: 9901", "port_value: 0")
    yaml = yaml.replace("port_value: 10000", f"port_value: {PORT}")
    yaml = yaml.replace("target/lua-modifier.wasm }", json.dumps(os.environ["LUA_MODIFIER_WASM"]) + " }")
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / "envoy.yaml"
    path.write_text(render.place(render.bundle(KRAKEND), yaml), encoding="utf-8")
    return path


def introduce():
    print(f"KrakenD's Lua scripts in a real Envoy on http://{ADDRESS}:{PORT}. Configuration and scripts: envoy/demo/krakend.json.")
    print("Left out below, as they are in every message:")
    print(side_by_side.paragraph(", ".join(sorted(PLUMBING))))


def play_all(envoy, upstream):
    """Plays every request, and returns how many did not come out as they should."""
    steps = json.loads((HERE / "requests.json").read_text(encoding="utf-8"))
    endpoints = json.loads(KRAKEND.read_text(encoding="utf-8"))["endpoints"]
    wrong = 0
    for number, step in enumerate(steps, 1):
        print(f"\n{number}. {step['title']}")
        if "note" in step:
            print(side_by_side.paragraph(step["note"]))
        for line in scripts(endpoints, step["request"]):
            print(line)
        upstream.take_seen()
        response = send(step["request"])
        seen = upstream.take_seen()
        said = envoy.take_said(step.get("log", ()))
        print()
        print(side_by_side.columns([
            ("request", shown(step["request"]["method"] + " " + step["request"]["path"],
                              step["request"].get("headers", {}).items(), step["request"].get("body", ""))),
            ("what the services saw", "\n\n".join(map(shown_upstream, seen)) or "(no service was called)"),
            ("response", shown(str(response["status"]), response["headers"], response["body"])),
        ]))
        for line in said:
            print("\n".join(side_by_side.wrap(f"   log: {line}", side_by_side.width())))
        problems = expectations.differences(step, seen, response, said)
        for problem in problems:
            print(f"   NOT AS IT SHOULD BE: {problem}")
        wrong += bool(problems)
    count = len(steps)
    print(f"\nAll {count} came out as they should." if not wrong else f"\n{wrong} of {count} did NOT come out as they should.")
    return wrong


def send(request):
    connection = http.client.HTTPConnection(ADDRESS, PORT, timeout=30)
    body = request.get("body")
    connection.request(request["method"], request["path"], body and body.encode(), request.get("headers", {}))
    response = connection.getresponse()
    text = response.read().decode("utf-8", "replace")
    connection.close()
    return {"status": response.status, "headers": response.getheaders(), "body": text}


def scripts(endpoints, request):
    """The scripts that the request meets, a line each; the service's own stand for all of them."""
    for endpoint in endpoints:
        if matches(endpoint, request):
            levels = [("", endpoint), *((" " + backend["url_pattern"], backend) for backend in endpoint["backend"])]
            for where, level in levels:
                for name, block in level.get("extra_config", {}).items():
                    sources = "".join(f", with {source}" for source in block.get("sources", []))
                    for half in ("pre", "post"):
                        if half in block:
                            line = f"  {name}{where} {half}{sources}: {block[half]}"
                            yield "\n".join(side_by_side.wrap(line, side_by_side.width()))


def matches(endpoint, request):
    wanted, given = endpoint["endpoint"].split("/"), request["path"].split("/")
    same = all(a == b or a.startswith("{") for a, b in zip(wanted, given))
    return endpoint.get("method", "GET") == request["method"] and len(wanted) == len(given) and same


def shown_upstream(request):
    return shown(f"{request['method']} http://{request['host']}{request['path']}", request["headers"], request["body"])


def shown(first, headers, body):
    lines = [f"{name}: {value}" for name, value in headers if name.lower() not in PLUMBING]
    return "\n".join([first, *lines, *(["", body] if body else [])])


def serve(envoy, admin):
    print(f"\nServing on http://{ADDRESS}:{PORT} until Ctrl-C (Envoy's admin: http://{admin}, its log: {envoy.log}). Try:")
    print(f"  curl -i http://{ADDRESS}:{PORT}/orders/7", flush=True)
    try:
        code = envoy.wait_for_its_end()
    except KeyboardInterrupt:
        print("\nStopped.")
        return
    raise EnvoyError(f"Envoy ended by itself, with {code}:\n{envoy.complaints()}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
