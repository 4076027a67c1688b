//! Finishes a linked module: encodes it anew, numbers its functions ([`numbers`]), shortens its names ([`names`]), and uses up V8's
//! budget for inlining ([`inlining`]). Knows nothing of what the module does. Usage: `finish LINKED FINISHED`.

mod inlining;
mod module;
mod names;
mod numbers;

use std::error::Error;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [linked, finished] = arguments.as_slice() else { return Err("usage: finish LINKED FINISHED".into()) };
    let bytes = fs::read(linked).map_err(|error| format!("{linked}: {error}"))?;
    let module = module::finished(&bytes).map_err(|error| format!("{linked}: {error}"))?;
    fs::write(finished, module).map_err(|error| format!("{finished}: {error}").into())
}
