"""A token, the key set that verifies it, and Envoy's filter that does so. They come from a recorded case, so that no key has to
be made. Knows nothing of how they are measured."""

import hashlib
import json
import os

CASE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/cases/krakend/auth-lua-decodes-token.json")
KEYS = "keys.json"  # the name of the key set in the document
VALIDATOR = {"alg": "RS256", "jwk_local_path": KEYS, "disable_jwk_security": True}
PLACES = (("header", "authorization", {"from_headers": [{"name": "authorization", "value_prefix": " "}]}),
          ("cookie", "access_token", {"from_cookies": ["access_token"]}))


def case():
    with open(CASE, encoding="utf-8") as file:
        return json.load(file)


def header():
    """The header of a client with a good token: its name and value."""
    request = (case().get("requests") or [case()["request"]])[0]
    return "Authorization", request["headers"]["Authorization"]


def jwt_authn(every):
    """Envoy's filter: with every provider that `bundle` makes, or with only one, which then refuses."""
    providers = {}
    for kind, place, where in PLACES:
        name = f"{kind}_{digest(['file', KEYS, kind, place])}"
        common = {"payload_in_metadata": name, "forward": True, "local_jwks": {"inline_string": plain(case()["files"][KEYS])}}
        providers[name] = {**common, **where}
        if kind == "header":
            providers[f"{name}_bare"] = {**common, "from_headers": [{"name": place}]}
    if not every:
        name = next(iter(providers))
        providers, requires = {name: providers[name]}, {"provider_name": name}
    else:
        requires = {"requires_all": {"requirements": [
            {"requires_any": {"requirements": [{"provider_name": name}, {"allow_missing_or_failed": {}}]}} for name in providers]}}
    return {"name": "envoy.filters.http.jwt_authn", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        "providers": providers, "rules": [{"match": {"prefix": "/"}, "requires": requires}]}}


def plain(keys):
    """The key set without the members that tell a key's use."""
    kept = ("kty", "kid", "n", "e", "crv", "x", "y", "k")
    return json.dumps({"keys": [{name: key[name] for name in kept if name in key} for key in json.loads(keys)["keys"]]})


def digest(parts):
    """The name that the filter gives to a provider."""
    text = "[" + "".join(f'"{part}",' for part in parts) + "]"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
