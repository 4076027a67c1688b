"""Holds what came out against what requests.json says should. Extra headers and log lines are fine; everything else is not."""

import json


def differences(step, seen, response, said):
    """What is not as it should be, in words."""
    found = [*of_response(step["response"], response), *of_upstream(step, seen)]
    # Behind a failure stand its place, its stage and the request's id, which is another one each time.
    found += [f"the log does not say {line!r}" for line in step.get("log", []) if not any(one.startswith(line) for one in said)]
    return found


def of_response(wanted, response):
    if response["status"] != wanted["status"]:
        yield f"status {response['status']}, not {wanted['status']}"
    yield from of_headers("the response", wanted, response)
    if "text" in wanted and response["body"] != wanted["text"]:
        yield f"body {response['body']!r}, not {wanted['text']!r}"
    if "json" in wanted and parsed(response["body"]) != wanted["json"]:
        yield f"body {response['body']!r}, not {json.dumps(wanted['json'])}"


def of_upstream(step, seen):
    wanted = step["upstream"]
    if step.get("any_order"):
        seen = sorted(seen, key=url)
    calls = [f"{request['method']} {url(request)}" for request in seen]
    expected = [f"{request['method']} {request['url']}" for request in wanted]
    if calls != expected:
        yield f"the services saw {calls}, not {expected}"
        return
    for want, request in zip(wanted, seen):
        yield from of_headers(want["url"], want, request)
        if "body" in want and request["body"] != want["body"]:
            yield f"{want['url']} was sent {request['body']!r}, not {want['body']!r}"


def of_headers(where, wanted, message):
    for name, value in wanted.get("headers", {}).items():
        values = [given for key, given in message["headers"] if key.lower() == name.lower()]
        if values != [value]:
            yield f"{where} has {name}: {values}, not {value!r}"


def url(request):
    return f"http://{request['host']}{request['path']}"


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None
