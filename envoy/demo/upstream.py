#!/usr/bin/env python3
"""The services behind the demo: shop.internal, users.internal and auth.internal, on one port, told apart by Host.

Remembers what it was sent. Knows nothing of gateways and scripts.
"""

import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Host, method and path to status, headers and body.
ANSWERS = {
    ("shop.internal", "GET", "/status"): (200, {}, {"status": "up"}),
    ("shop.internal", "GET", "/v1/orders/7"): (200, {}, {"id": 7, "source_result": {"message": "Successfully shipped"}}),
    ("shop.internal", "GET", "/v1/pages"): (200, {}, {"collection": [{"path": "/a"}, {"path": "/b"}, {"path": "/c"}]}),
    ("shop.internal", "POST", "/v1/notes"): (201, {}, {"stored": True}),
    ("shop.internal", "GET", "/v1/session"): (200, {}, {"response": "abc123"}),
    ("shop.internal", "GET", "/v1/orders-of/alice"): (200, {}, [{"id": 7, "amount": 30}, {"id": 9, "amount": 12.5}]),
    ("shop.internal", "GET", "/v1/offers"): (200, {}, {"offers": ["tea", "cups"], "internal_margin": 0.4}),
    ("users.internal", "GET", "/v1/users/alice"): (200, {}, {"name": "Alice", "city": "Lisbon"}),
    ("users.internal", "GET", "/v1/account"): (200, {}, {"account": "A-17", "balance": 42.0}),
}
TOKENS = {"Bearer sesame": "alice"}


def answer(host, method, path, headers):
    """What a service says: status, headers, body."""
    if (host, method, path) == ("auth.internal", "POST", "/check"):
        user = TOKENS.get(headers.get("Authorization"))
        return (200, {"X-User": user}, {"ok": True}) if user else (403, {}, {"ok": False})
    return ANSWERS.get((host, method, path), (404, {}, {"error": "no such thing"}))


class Upstream(ThreadingHTTPServer):
    """A server that remembers its requests."""

    daemon_threads = True

    def __init__(self, address="127.0.0.1", port=0, tell=None):
        super().__init__((address, port), Handler)
        self.tell = tell
        self._seen, self._lock = [], threading.Lock()

    def saw(self, request):
        with self._lock:
            self._seen.append(request)
        if self.tell:
            self.tell(request)

    def take_seen(self):
        """What came since it was last asked."""
        with self._lock:
            seen, self._seen = self._seen, []
        return seen


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) if not self.chunked() else self.read_chunks()
        host = self.headers.get("Host", "")
        self.server.saw({
            "method": self.command, "host": host, "path": self.path,
            "headers": list(self.headers.items()), "body": body.decode("utf-8", "replace"),
        })
        status, headers, data = answer(host, self.command, self.path, self.headers)
        text = json.dumps(data).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

    def chunked(self):
        return self.headers.get("Transfer-Encoding", "").lower() == "chunked"

    def read_chunks(self):
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=10001)
    options = parser.parse_args()

    def tell(request):
        print(f"{request['method']} {request['host']}{request['path']} {json.dumps(dict(request['headers']))}", flush=True)

    server = Upstream(options.address, options.port, tell)
    print(f"Serving on {options.address}:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
