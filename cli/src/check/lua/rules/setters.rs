//! Calls that look as if they changed something, and change nothing, as in KrakenD. A value that `pre` sets and `post` reads is
//! kept between the two, and is no mistake.

use super::{Remarks, Use};
use crate::check::finding::Level;
use crate::check::lua::names::Kind;
use crate::check::lua::scene::{Halves, Scene, sets};
use crate::lua::tree::What;

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
            let request = scene.names.object_of(Kind::Request).and_then(|(_, request)| request.methods.get(name));
            if let Some(instead) = request.and_then(|setter| setter.idle.get(&scene.stage)) {
                let message = format!(
                    "`{name}` of the request, set in {}, has no effect",
                    super::globals::namespace(scene.stage)
                );
                remarks.add("idle-setter", Level::Warning, span, message, Some(instead.clone()));
            }
        }
        _ => {}
    }
}
