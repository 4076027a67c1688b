//! Methods that KrakenD's objects do not have, methods of strings if strings have none, and methods called with a dot.

use super::{Remarks, Use};
use crate::check::finding::Level;
use crate::check::lua::names::{Kind, Object, near};
use crate::check::lua::scene::Scene;
use crate::lua::tree::What;

pub(super) fn look(scene: &Scene<'_>, at: Use<'_>, remarks: &mut Remarks) {
    match &at.expr.what {
        What::Method(of, name, span, _) => {
            let kind = scene.kind(of);
            if kind == Kind::Text {
                return of_text(scene, name, span, remarks);
            }
            let Some((global, object)) = scene.names.object_of(kind) else { return };
            if object.methods.contains_key(name) || is_added(scene, name) {
                return;
            }
            let message = format!("{} has no method `{name}`", an_object(global));
            remarks.add("unknown-method", Level::Error, span, message, instead(object, name));
        }
        // `request.headers(...)`; only `load` is a function of `request` itself.
        What::Field(_, name, span) if !at.target => {
            let Some((global, _)) = at.expr.global_field() else { return };
            let Some(object) = scene.names.objects.get(global).filter(|object| object.stages.contains(&scene.stage))
            else {
                return;
            };
            let known = object.statics.contains_key(name) || name == "__index" || is_added(scene, name);
            if known || !scene.is_original(global) || scene.tested.contains(&format!("{global}.{name}")) {
                return;
            }
            let maker = object.statics.keys().find(|name| *name == "load" || *name == "new");
            let help = match (object.methods.contains_key(name), maker) {
                (true, Some(maker)) => {
                    format!("it is a method of what {global}.{maker}() gives: {global}.{maker}():{name}(...)")
                }
                _ => format!("`{global}` has {}", listed(object.statics.keys())),
            };
            remarks.add(
                "unknown-method",
                Level::Error,
                span,
                format!("`{global}` has no function `{name}`"),
                Some(help),
            );
        }
        _ => {}
    }
}

fn of_text(scene: &Scene<'_>, name: &str, span: &std::ops::Range<usize>, remarks: &mut Remarks) {
    if !scene.open {
        // A script may make its own methods: getmetatable("").__index = ...
        if !scene.assigned_fields.contains("__index") {
            let help = "say \"allow_open_libs\": true in this block".to_owned();
            let message = format!("strings have no methods without allow_open_libs: `{name}` fails");
            remarks.add("string-method", Level::Error, span, message, Some(help));
        }
        return;
    }
    let Some(library) = scene.names.libraries.get("string") else { return };
    if !library.functions.iter().any(|known| known == name) && !is_added(scene, name) {
        let help = near(name, library.functions.iter().map(String::as_str)).map(|meant| format!("is `{meant}` meant?"));
        remarks.add("unknown-method", Level::Error, span, format!("strings have no method `{name}`"), help);
    }
}

// Scripts may add their own methods: luaTable.__index.isEmpty = function(t) ... end
pub(super) fn is_added(scene: &Scene<'_>, name: &str) -> bool {
    scene.assigned_fields.contains(name) || scene.assigned_fields.contains("__index")
}

pub(super) fn an_object(global: &str) -> String {
    match global {
        "http_response" => "the answer of http_response.new".to_owned(),
        "luaTable" | "luaList" | "luaNil" => format!("a {global}"),
        _ => format!("what {global}.load() gives"),
    }
}

fn instead(object: &Object, name: &str) -> Option<String> {
    let known = object.methods.keys().map(String::as_str);
    match near(name, known) {
        Some(meant) => Some(format!("is `{meant}` meant?")),
        None if object.methods.is_empty() => None,
        None => Some(format!("it has {}", listed(object.methods.keys()))),
    }
}

pub(super) fn listed<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}
