//! The modifiers that `modifier/martian` may name, and their keys. `config/martian` reads those that are exact.

use super::row::{Row, approximate, by_hand, exact};

const FILTER: &str = "an if in a script of modifier/lua-backend";
const HOST: &str = "write it into host of the backend";

const SCOPE: Row = exact("scope");
const NAME: Row = exact("name");
const VALUE: Row = exact("value");

/// All modifiers that KrakenD knows.
pub(crate) const MODIFIERS: &[Row] = &[
    exact("fifo.Group").with(&[SCOPE, exact("aggregateErrors"), exact("modifiers").nesting(modifiers)]),
    exact("priority.Group").with(&[SCOPE, exact("modifiers").with(PRIORITY)]),
    exact("header.Modifier").with(&[SCOPE, NAME, VALUE]),
    exact("header.Append").with(&[SCOPE, NAME, VALUE]),
    exact("header.Copy").with(&[SCOPE, exact("from"), exact("to")]),
    exact("header.Id").with(&[SCOPE, exact("header")]),
    exact("header.Blacklist").with(&[SCOPE, exact("names")]),
    exact("header.Filter").with(&[
        SCOPE,
        NAME,
        VALUE,
        exact("modifier").nesting(modifiers),
        exact("else").nesting(modifiers),
    ]),
    exact("header.RegexFilter").with(&[SCOPE, exact("header"), exact("regex"), exact("modifier").nesting(modifiers)]),
    exact("cookie.Modifier").with(&[
        SCOPE,
        NAME,
        VALUE,
        exact("path"),
        exact("domain"),
        exact("secure"),
        exact("httpOnly"),
        exact("maxAge"),
        by_hand("expires", "take maxAge"),
    ]),
    by_hand("cookie.Filter", FILTER),
    exact("body.Modifier").with(&[
        SCOPE,
        exact("contentType"),
        approximate("body", "a request that asks for a range of it gets all of it"),
    ]),
    exact("querystring.Modifier").with(&[SCOPE, NAME, VALUE]),
    by_hand("querystring.Filter", FILTER),
    exact("url.Modifier").with(&[SCOPE, exact("path"), exact("query"), by_hand("scheme", HOST), by_hand("host", HOST)]),
    by_hand("url.Filter", FILTER),
    by_hand("url.RegexFilter", FILTER),
    exact("status.Modifier").with(&[SCOPE, exact("statusCode")]),
    by_hand("port.Modifier", HOST),
    by_hand("port.Filter", FILTER),
    by_hand("stash.Modifier", "a global of a script of modifier/lua-backend"),
    by_hand(
        "static.Modifier",
        "direct_response of Envoy's route, or body(text) in \"post\" of modifier/lua-proxy with skip_next",
    ),
];

/// A member of `priority.Group`.
pub(crate) const PRIORITY: &[Row] = &[exact("priority"), exact("modifier").nesting(modifiers)];

fn modifiers() -> &'static [Row] {
    MODIFIERS
}
