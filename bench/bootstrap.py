"""Envoy's bootstraps: the gateway, with a listener for each filter that is measured, and the upstream behind it. Knows
nothing of jobs and figures."""

import json
import os

import tokens

TYPE = "type.googleapis.com/envoy.extensions.filters"
BUFFER = 16_777_216
CLUSTER_HEADER = "x-lua-modifier-cluster"
# The upstream sends these headers back in its answers, so that a check of the answer can see them.
ECHOED = ("x-from", "x-proxy", "x-backend")


def gateway(listeners, upstream_port, module, bare, dkjson):
    """A gateway; `listeners` are filters by name, `bare` is the folder of the bare Wasm filters."""
    def http_filters(what):
        if what.kind == "bare":
            return [wasm(what.code, os.path.join(bare, f"{what.code}.wasm"), "{}")]
        if what.kind == "jwt":
            return [tokens.jwt_authn(every=False)]
        if what.kind == "ours":
            return ([tokens.jwt_authn(every=True)] if what.tokens else []) + [wasm("lua-modifier", module, json.dumps(what.document))]
        if what.kind == "lua":
            find = f"package.path = {json.dumps(os.path.join(dkjson, '?.lua'))}\n"
            return [{"name": "lua", "typed_config": {
                "@type": f"{TYPE}.http.lua.v3.Lua", "default_source_code": {"inline_string": find + what.code}}}]
        return []

    def wasm(name, path, configuration):
        # Each listener has its own VM: no job has to clean up the heap of another job.
        wasm.count += 1
        return {"name": name, "typed_config": {"@type": f"{TYPE}.http.wasm.v3.Wasm", "config": {
            "name": f"{name}-{wasm.count}", "allow_on_headers_stop_iteration": True, "failure_policy": "FAIL_CLOSED",
            "vm_config": {"vm_id": f"{name}-{wasm.count}", "runtime": "envoy.wasm.runtime.v8",
                          "code": {"local": {"filename": path}}},
            "configuration": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": configuration}}}}
    wasm.count = 0

    def routes(what):
        target = {"cluster_header": CLUSTER_HEADER} if what.chooses else {"cluster": "backend"}
        return {"name": "gateway", "request_headers_to_remove": [CLUSTER_HEADER], "virtual_hosts": [{
            "name": "all", "domains": ["*"],
            "routes": [{"match": {"prefix": "/"}, "route": {**target, "timeout": "30s"}}]}]}

    backend = {"name": "backend", "type": "STATIC", "connect_timeout": "5s", "per_connection_buffer_limit_bytes": BUFFER,
               "load_assignment": {"cluster_name": "backend", "endpoints": [
                   {"lb_endpoints": [{"endpoint": {"address": address(upstream_port)}}]}]}}
    return bootstrap([listener(name, http_filters(what), routes(what)) for name, what in listeners.items()], [backend])


def upstream(folder, bodies):
    """The upstream server: an Envoy that answers each path with a body."""
    def route(path, body):
        file = os.path.join(folder, path.strip("/") + ".json")
        with open(file, "wb") as out:
            out.write(body)
        return {"match": {"path": path}, "direct_response": {"status": 200, "body": {"filename": file}}}

    echoes = [{"header": {"key": f"seen-{name}", "value": f"%REQ({name})%"}} for name in ECHOED]
    json_type = {"header": {"key": "content-type", "value": "application/json"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
    routes = {"name": "upstream", "max_direct_response_body_size_bytes": BUFFER,
              "response_headers_to_add": [json_type, *echoes],
              "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route(*entry) for entry in bodies.items()]}]}
    return bootstrap([listener("upstream", [], routes)], [])


def listener(name, filters, routes):
    router = {"name": "router", "typed_config": {"@type": f"{TYPE}.http.router.v3.Router"}}
    manager = {"@type": f"{TYPE}.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": name,
               "use_remote_address": True, "route_config": routes, "http_filters": [*filters, router]}
    return {"name": name, "address": address(0), "per_connection_buffer_limit_bytes": BUFFER,
            "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}]}


def bootstrap(listeners, clusters):
    return {"static_resources": {"listeners": listeners, "clusters": clusters}, "admin": {"address": address(0)}}


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
