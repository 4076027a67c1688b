//! `modifier/*` except Lua, and related namespaces: rewriting that KrakenD does without a script.

use super::place::{Namespace, backend, endpoint, everywhere, front, inner, service};
use super::row::{Row, by_hand, exact, lost};

pub(super) const NAMESPACES: &[Namespace] = &[
    backend(exact("modifier/martian").with(super::martian::MODIFIERS)),
    inner(by_hand("modifier/response-body", "rewrite it in a script: data():set in \"post\"").explained(&[by_hand(
        "modifiers",
        "string.gsub, string.lower, string.upper on what data():get gives (allow_open_libs)",
    )])),
    inner(by_hand(
        "modifier/response-body-generator",
        "rewrite it in a script: body(text) in \"post\" of a no-op endpoint, or data():set",
    )),
    inner(by_hand("modifier/request-body-generator", "rewrite it in a script: request.load():body(text) in \"pre\"")),
    backend(by_hand(
        "modifier/body-generator",
        "rewrite it in a script: request.load():body(text) in \"pre\" of modifier/lua-backend",
    )),
    front(by_hand(
        "modifier/request-body-extractor",
        "rewrite it in a script: body(), then headers or query, in \"pre\" of modifier/lua-proxy",
    )),
    endpoint(by_hand(
        "modifier/request-body-extractor/early",
        "rewrite it in a script: ctx.load():body(), then headers, in modifier/lua-endpoint",
    )),
    service(
        by_hand(
            "modifier/response-headers",
            "response_headers_to_add and response_headers_to_remove of Envoy's routes",
        )
        .explained(&[
            by_hand("add", "response_headers_to_add with APPEND_IF_EXISTS_OR_ADD"),
            by_hand("replace", "response_headers_to_add with OVERWRITE_IF_EXISTS"),
            by_hand("delete", "response_headers_to_remove"),
            by_hand("rename", "response_headers_to_add of %RESP(old)%, and response_headers_to_remove"),
        ]),
    ),
    everywhere(lost("ai/mcp", "nothing here speaks MCP: a server of its own has to")),
    backend(by_hand(
        "ai/llm",
        "make the provider's request in a script of modifier/lua-backend: body(text), headers(name, value)",
    )),
];

/// The namespace `modifier/jmespath`.
pub(crate) const JMESPATH: &[Row] = &[exact("expr")];
