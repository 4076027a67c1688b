"""The load: wrk, which can be continued and stopped, and single requests that check the answers. Knows only addresses."""

import http.client
import signal
import subprocess

FOR_LONG, NEVER = "7200s", "100s"  # the load is ended before either time has passed


class Load:
    """Requests for one path over some connections, as fast as they are answered, while wrk may run. wrk itself counts in
    whole seconds, and noise on a shared machine is shorter: because wrk can be stopped, many loads can take short turns."""

    def __init__(self, port, path, connections, header=None):
        command = ["wrk", "-t", "1", "-c", str(connections), "-d", FOR_LONG, "--timeout", NEVER, f"http://127.0.0.1:{port}{path}"]
        command += ["-H", ": ".join(header)] if header else []
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.hold()

    def let_go(self):
        self._process.send_signal(signal.SIGCONT)

    def hold(self):
        if self._process.poll() is not None:
            raise RuntimeError(f"wrk ended: {self._process.returncode}")
        self._process.send_signal(signal.SIGSTOP)

    def stop(self):
        self._process.kill()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def get(port, path, header=None):
    """The status, the headers (with names in lower case) and the body of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=dict([header]) if header else {})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read()
    finally:
        connection.close()
