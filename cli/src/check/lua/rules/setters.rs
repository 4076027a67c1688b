//! Calls that look as if they changed something, and change nothing: as in KrakenD. What `pre` sets and `post` reads is kept
//! between them, and no mistake.

use super::{Remarks, Use};
use crate::check::finding::Level;
use crate::check::lua::names::{Kind, Stage};
use crate::check::lua::scene::{Halves, Scene, sets};
use crate::lua::tree::What;

/// Setters of `request` that never reach the backend.
const IDLE: [(Stage, &str, &str); 6] = [
    (Stage::Proxy, "method", "the backend's own \"method\" counts; a script of its modifier/lua-backend can change it"),
    (
        Stage::Proxy,
        "path",
        "the path is made of the backend's url_pattern; a script of its modifier/lua-backend can set url(...)",
    ),
    (
        Stage::Proxy,
        "url",
        "the URL is made of the backend's host and url_pattern; a script of its modifier/lua-backend can set url(...)",
    ),
    (Stage::Backend, "path", "set the whole URL: url(\"http://host/path\")"),
    (Stage::Backend, "query", "set the whole URL: url(\"http://host/path?query\"), or the query in modifier/lua-proxy"),
    (Stage::Backend, "params", "parameters are already in the URL here: set url(...), or params in modifier/lua-proxy"),
];

pub(super) fn look(scene: &Scene<'_>, at: Use<'_>, halves: Halves, remarks: &mut Remarks) {
    let What::Method(of, name, span, arguments) = &at.expr.what else { return };
    let given = arguments.len();
    match scene.kind(of) {
        Kind::Response if name == "data" && given > 0 => {
            let message = "`data` takes no value: it gives the data, and ignores what it is given".to_owned();
            let help = "change what it gives: response.load():data():set(name, value)".to_owned();
            remarks.add("data-setter", Level::Warning, span, message, Some(help));
        }
        Kind::Request if sets(name, arguments) && halves.before && !scene.is_read_behind(name, arguments) => {
            let idle = IDLE.iter().find(|(stage, setter, _)| *stage == scene.stage && setter == name);
            if let Some((_, _, instead)) = idle {
                let message = format!(
                    "`{name}` of the request, set in {}, has no effect",
                    super::globals::namespace(scene.stage)
                );
                remarks.add("idle-setter", Level::Warning, span, message, Some((*instead).to_owned()));
            }
        }
        _ => {}
    }
}
