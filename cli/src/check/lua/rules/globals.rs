//! Globals that do not exist: they belong to another namespace or to a library that is off, or no script defines them.

use std::rc::Rc;

use super::{Remarks, Use, functions};
use crate::check::finding::Level;
use crate::check::lua::names::{Stage, near};
use crate::check::lua::scene::{Halves, Scene};
use crate::lua::tree::Expr;

pub(super) fn look(scene: &Scene<'_>, at: Use<'_>, halves: Halves, remarks: &mut Remarks) {
    let Some(name) = at.expr.global().filter(|_| !at.target) else { return };
    if scene.assigned.contains(name) || scene.tested.contains(name) || scene.names.is_everywhere(name) {
        return;
    }
    if matches!(name, "arg" | "self" | "_ENV") || !scene.closed_world {
        return;
    }
    let level = if at.is_needed() { Level::Error } else { Level::Warning };
    let mut add = |rule, message: String, help: Option<String>| remarks.add(rule, level, &at.expr.span, message, help);
    if is_helper(scene, at.expr.global(), at.parent) {
        if !scene.helpers {
            add("absent-global", format!("`{name}` is there only with helpers"), Some(HELPERS.to_owned()));
        }
        return;
    }
    if let Some(library) = scene.names.libraries.get(name) {
        // A function that always fails would fail with allow_open_libs, too: functions.rs reports that instead.
        let hopeless = at.parent.is_some_and(|parent| functions::always_fails(scene, parent).is_some());
        if library.open && !scene.open && !hopeless {
            let help = "say \"allow_open_libs\": true in this block".to_owned();
            add("absent-global", format!("`{name}` is there only with allow_open_libs"), Some(help));
        }
        return;
    }
    if let Some(object) = scene.names.objects.get(name) {
        if !object.stages.contains(&scene.stage) {
            let message = format!("`{name}` does not exist in {}", namespace(scene.stage));
            add("absent-global", message, Some(instead(scene.stage).to_owned()));
        } else if object.post_only && !halves.behind {
            let help = "what has to do with the response belongs into \"post\"".to_owned();
            add("absent-global", format!("`{name}` exists in \"post\" only"), Some(help));
        }
        return;
    }
    if let Some(why) = scene.names.elsewhere.get(name) {
        add("absent-global", format!("`{name}` does not exist here"), Some(why.clone()));
        return;
    }
    let known = scene.names.globals().chain(scene.assigned.iter().copied());
    let help = match near(name, known) {
        Some(meant) => format!("is `{meant}` meant?"),
        None => {
            "define it in one of the block's sources, in pre or in post; locals of another script are not seen here"
                .to_owned()
        }
    };
    add("undefined-global", format!("`{name}` is nil: nothing in this block's scripts defines it"), Some(help));
}

/// The help text that tells how helpers are switched on.
pub(super) const HELPERS: &str =
    "say \"helpers\": true in extra_config[\"envoy/lua-modifier\"]; KrakenD's community edition has none";

// Is this `json`, however it is used, or `debug` in `debug.dump`? With allow_open_libs, functions.rs looks at `debug`.
fn is_helper(scene: &Scene<'_>, global: Option<&str>, parent: Option<&Rc<Expr>>) -> bool {
    let Some(global) = global.filter(|global| scene.names.helpers.libraries.contains_key(*global)) else {
        return false;
    };
    if !scene.names.helpers.stages.contains(&scene.stage) {
        return false;
    }
    let field = parent.and_then(|parent| parent.global_field());
    match scene.names.libraries.get(global) {
        None => true,
        Some(library) => {
            library.open && !scene.open && field.is_some_and(|(of, name)| scene.names.helper(of, name).is_some())
        }
    }
}

pub(super) fn namespace(stage: Stage) -> &'static str {
    match stage {
        Stage::Service | Stage::Endpoint => "modifier/lua-endpoint",
        Stage::Proxy => "modifier/lua-proxy",
        Stage::Backend => "modifier/lua-backend",
    }
}

fn instead(stage: Stage) -> &'static str {
    match stage {
        Stage::Service | Stage::Endpoint => "scripts of modifier/lua-endpoint see the request as `ctx`: ctx.load()",
        Stage::Proxy | Stage::Backend => {
            "here the request is `request`: request.load(), and in \"post\" the response is response.load()"
        }
    }
}
