"""The bodies of the upstream's answers: JSON documents of known sizes and lengths, the same in every run."""

import json


def item(number):
    return {"id": number, "path": f"/items/{number}", "name": f"item number {number}", "price": number + 0.5, "tags": ["new", "sale"]}


def of_items(count):
    """A document with a collection."""
    return json.dumps({"source": "catalogue", "collection": [item(number) for number in range(count)]}).encode()


def of_size(size):
    """A document of about so many bytes."""
    each = len(json.dumps(item(10_000))) + 2
    return of_items(max(1, size // each))


BODIES = {
    "/1kb": of_size(1_000),
    "/10kb": of_size(10_000),
    "/100kb": of_size(100_000),
    "/1mb": of_size(1_000_000),
    "/4mb": of_size(4_000_000),
    "/100-items": of_items(100),
    "/10000-items": of_items(10_000),
    "/part-a": b'{"a":{"name":"first","values":[1,2,3]}}',
    "/part-b": b'{"b":{"name":"second","values":[4,5,6]}}',
    "/part-c": b'{"c":{"name":"third","values":[7,8,9]}}',
    "/side": b'{"allowed":true}',
}
