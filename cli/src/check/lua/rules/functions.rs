//! Functions of the library that do not exist here, and those that exist and always fail.

use super::{Remarks, Use};
use crate::check::finding::Level;
use crate::check::lua::names::near;
use crate::check::lua::scene::Scene;
use crate::lua::tree::{Expr, What};

pub(super) fn look(scene: &Scene<'_>, at: Use<'_>, remarks: &mut Remarks) {
    match &at.expr.what {
        What::Field(_, name, span) if !at.target => {
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
            let Some(known) = scene.names.libraries.get(library).filter(|known| scene.open || !known.open) else {
                return;
            };
            if !known.functions.contains(name) {
                let level = if at.is_needed() { Level::Error } else { Level::Warning };
                let message = format!("`{whole}` does not exist in KrakenD's Lua");
                remarks.add("absent-function", level, span, message, instead(library, name, &known.functions));
            }
        }
        What::Call(of, arguments) => {
            let Some(name) = of.global().filter(|name| scene.is_original(name) && !scene.tested.contains(*name)) else {
                return;
            };
            let Some(why) = scene.names.fails.get(name).filter(|_| !is_loaded(scene, name, arguments)) else { return };
            let message = format!("`{name}` finds nothing here");
            remarks.add("absent-function", Level::Error, &at.expr.span, message, Some(why.clone()));
        }
        _ => {}
    }
}

/// Why a function of a library cannot do anything here.
pub(super) fn always_fails<'a>(scene: &'a Scene<'_>, function: &Expr) -> Option<&'a str> {
    let (library, name) = function.global_field()?;
    scene.names.fails.get(&format!("{library}.{name}")).map(String::as_str)
}

// `require "string"` gives what is there anyway, and scripts may bring modules in `package.preload`.
fn is_loaded(scene: &Scene<'_>, name: &str, arguments: &[std::rc::Rc<Expr>]) -> bool {
    if name != "require" {
        return false;
    }
    let library = arguments.first().map(|argument| &argument.what);
    let loaded = match library {
        Some(What::Text(library)) => {
            library == "_G" || scene.names.libraries.get(library).is_some_and(|known| scene.open || !known.open)
        }
        _ => true,
    };
    loaded || scene.mentioned.contains("package")
}

fn instead(library: &str, name: &str, known: &[String]) -> Option<String> {
    let meant = match (library, name) {
        ("table", "unpack") => Some("unpack".to_owned()),
        ("table", "pack") => Some("{...}".to_owned()),
        _ => near(name, known.iter().map(String::as_str)).map(|meant| format!("{library}.{meant}")),
    };
    meant.map(|meant| format!("is `{meant}` meant?"))
}
