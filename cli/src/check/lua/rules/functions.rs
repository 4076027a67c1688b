//! Library functions that do not exist here, and library functions that exist and always fail.

use super::globals::HELPERS;
use super::methods::listed;
use super::{Remarks, Use};
use crate::check::finding::Level;
use crate::check::lua::names::near;
use crate::check::lua::scene::Scene;
use crate::lua::tree::{Expr, What};

pub(super) fn look(scene: &Scene<'_>, at: Use<'_>, remarks: &mut Remarks) {
    let What::Field(_, name, span) = &at.expr.what else { return };
    if at.target {
        return;
    }
    let Some((library, _)) = at.expr.global_field().filter(|(library, _)| scene.is_original(library)) else {
        return;
    };
    let whole = format!("{library}.{name}");
    if scene.assigned_fields.contains(name.as_str()) || scene.tested.contains(&whole) {
        return;
    }
    if let Some(why) = always_fails(scene, at.expr) {
        let message = format!("`{whole}` does nothing here");
        remarks.add("absent-function", Level::Error, &at.expr.span, message, Some(why.to_owned()));
        return;
    }
    let level = if at.is_needed() { Level::Error } else { Level::Warning };
    if let Some(helpers) = scene.names.helpers.libraries.get(library) {
        let is_plain = scene.names.libraries.contains_key(library);
        if helpers.contains_key(name) {
            // If the whole library is off, globals.rs reports that.
            if is_plain && scene.open && !scene.helpers {
                let message = format!("`{whole}` is there only with helpers");
                remarks.add("absent-function", level, span, message, Some(HELPERS.to_owned()));
            }
            return;
        }
        if !is_plain {
            if scene.helpers {
                let help = near(name, helpers.keys().map(String::as_str))
                    .map(|meant| format!("is `{library}.{meant}` meant?"));
                let help = help.or_else(|| Some(format!("`{library}` has {}", listed(helpers.keys()))));
                remarks.add("absent-function", level, span, format!("`{whole}` does not exist here"), help);
            }
            return;
        }
    }
    let Some(known) = scene.names.libraries.get(library).filter(|known| scene.open || !known.open) else {
        return;
    };
    if !known.functions.contains(name) {
        let message = format!("`{whole}` does not exist in KrakenD's Lua");
        remarks.add("absent-function", level, span, message, instead(library, name, &known.functions));
    }
}

/// Why a function of a library always fails here.
pub(super) fn always_fails<'a>(scene: &'a Scene<'_>, function: &Expr) -> Option<&'a str> {
    let (library, name) = function.global_field()?;
    scene.names.fails.get(&format!("{library}.{name}")).map(String::as_str)
}

fn instead(library: &str, name: &str, known: &[String]) -> Option<String> {
    let meant = match (library, name) {
        ("table", "unpack") => Some("unpack".to_owned()),
        ("table", "pack") => Some("{...}".to_owned()),
        _ => near(name, known.iter().map(String::as_str)).map(|meant| format!("{library}.{meant}")),
    };
    meant.map(|meant| format!("is `{meant}` meant?"))
}
