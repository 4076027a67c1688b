"""One Envoy as a child process, and the CPU time and the memory that it has used, read from /proc. Knows nothing of
what it serves."""

import http.client
import json
import os
import subprocess
import time

READY_WITHIN = 60  # seconds
SETTLES_WITHIN = 60


class Envoy:
    """A running Envoy, started from the file of its bootstrap."""

    def __init__(self, binary, bootstrap, folder, name, workers=1):
        self._log = os.path.join(folder, f"{name}.log")
        admin = os.path.join(folder, f"{name}.admin")
        if os.path.exists(admin):
            os.remove(admin)
        path = os.path.join(folder, f"{name}.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(bootstrap, file)
        command = [binary, "-c", path, "--use-dynamic-base-id", "--concurrency", str(workers), "--log-level", "error",
                   "--component-log-level", "wasm:warning", "--admin-address-path", admin]
        begun = time.monotonic()
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            self._wait(admin, begun + READY_WITHIN)
        except BaseException:
            self.stop()
            raise
        self.ready_after = time.monotonic() - begun
        self.ready_cpu = self.cpu()
        self.ports = {status["name"]: status["local_address"]["socket_address"]["port_value"]
                      for status in json.loads(self._admin("/listeners?format=json"))["listener_statuses"]}

    def _wait(self, admin, until):
        # Only a request can show that Envoy is up; the requests take a few milliseconds of the figure.
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with open(admin, encoding="utf-8") as file:
                    self._address = file.read().strip()
                if ":" in self._address and self._admin("/ready").startswith("LIVE"):
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.002)
        raise RuntimeError(f"Envoy did not start:\n{self.log()[-2000:]}")

    def _admin(self, path):
        host, _, port = self._address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def log(self):
        """Everything that Envoy has logged so far."""
        with open(self._log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def cpu(self, main=True):
        """Seconds of CPU that Envoy's threads have used; the main thread answers only our requests to the admin interface. Read
        from schedstat, in nanoseconds: stat counts in hundredths of a second."""
        total, tasks = 0, f"/proc/{self._process.pid}/task"
        for task in os.listdir(tasks):
            if not main and task == str(self._process.pid):
                continue
            try:
                with open(f"{tasks}/{task}/schedstat", encoding="ascii") as file:
                    total += int(file.read().split()[0])
            except FileNotFoundError:
                pass
        return total / 1e9

    def settle(self, listener):
        """Waits until a listener has answered all its requests."""
        until = time.monotonic() + SETTLES_WITHIN
        while self._numbers(listener, "active") != (0,):
            if time.monotonic() > until:
                raise RuntimeError(f"{listener} is still busy\n{self.log()[-2000:]}")
            time.sleep(0.005)

    def answers(self, listener):
        """The number of requests that a listener has answered, and of those that it answered with a status of 2xx."""
        return self._numbers(listener, "completed", "2xx")

    def _numbers(self, listener, *which):
        lines = self._admin(f"/stats?filter=^http.{listener}.downstream_rq_").splitlines()
        counts = dict(line.rsplit(": ", 1) for line in lines)
        return tuple(int(counts[f"http.{listener}.downstream_rq_{name}"]) for name in which)

    def memory(self):
        """The bytes of Envoy's own memory; the pages of its binary do not count."""
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as file:
            line = next(line for line in file if line.startswith("RssAnon:"))
        return int(line.split()[1]) * 1024

    def stop(self):
        """Ends Envoy."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
