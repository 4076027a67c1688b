"""One Envoy as a child process: started, waited for, listened to and stopped. Knows nothing of what it serves."""

import collections
import http.client
import re
import subprocess
import threading

READY_WITHIN = 60  # seconds: the module is compiled at start, on a machine that may be busy
STOPS_WITHIN = 10
ADMIN = re.compile(r"\]\[admin\] .*admin address: (\S+):(\d+)")
WORKERS = "starting workers"
SAID = re.compile(r"\]\[wasm\] .*? wasm log [^:]*: (.*)")


class EnvoyError(Exception):
    """Envoy did not do what it should; the text says what, and what it logged."""


class Envoy:
    """A running Envoy. Everything it logs goes to a file, and what scripts and the filter said is kept."""

    def __init__(self, binary, config, log):
        self.log = log
        self._lines, self._news, self._over = [], threading.Condition(), False
        self._said = collections.deque()
        command = [binary, "-c", config, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning",
                   "--component-log-level", "wasm:info,config:info,admin:info"]
        # A group of its own: Ctrl-C is for us, and we stop Envoy in good order.
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with open(self.log, "w", encoding="utf-8") as log:
            for raw in self._process.stderr:
                line = raw.decode("utf-8", "replace").rstrip("\n")
                print(line, file=log, flush=True)
                with self._news:
                    self._lines.append(line)
                    if said := SAID.search(line):
                        self._said.append(said[1])
                    self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()

    def _wait(self, found, seconds):
        """Waits until the log holds something; false where it will not."""
        with self._news:
            return self._news.wait_for(lambda: found() or self._over, seconds) and bool(found())

    def wait_until_ready(self):
        """Returns the admin's address once Envoy serves."""
        def admin():
            return next((match for line in self._lines if (match := ADMIN.search(line))), None)

        if not self._wait(lambda: admin() and any(WORKERS in line for line in self._lines), READY_WITHIN):
            raise EnvoyError(f"Envoy did not start:\n{self.complaints()}")
        host, port = admin().groups()
        admin_says = http.client.HTTPConnection(host, int(port), timeout=READY_WITHIN)
        admin_says.request("GET", "/ready")
        answer = admin_says.getresponse().read().decode().strip()
        admin_says.close()
        if answer != "LIVE":
            raise EnvoyError(f"Envoy says it is {answer}, not LIVE:\n{self.complaints()}")
        return f"{host}:{port}"

    def take_said(self, wanted=()):
        """What the filter logged since it was last asked; waits a little for lines that must come."""
        self._wait(lambda: all(line in self._said for line in wanted), 5)
        with self._news:
            said = list(self._said)
            self._said.clear()
        return said

    def complaints(self):
        """The log's warnings and errors, or its last lines."""
        with self._news:
            bad = [line for line in self._lines if re.search(r"\]\[(warning|error|critical)\]", line)]
            return "\n".join(f"  {line}" for line in (bad or self._lines)[-12:]) + f"\n  (all of it: {self.log})"

    def wait_for_its_end(self):
        return self._process.wait()

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(STOPS_WITHIN)
