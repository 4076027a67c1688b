//! `make profile`: plays requests through a module that counts, and writes what it has counted, a file for each kind of request.
//! Knows nothing of what the counts mean. Usage: `profile COUNTING FOLDER REQUESTS`.

mod counted;
mod kinds;
mod sections;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use host_sim::{Answer, Call, Module, Request, Response, Settings, Sim, Upstreams};

use counted::Counting;
use kinds::Kind;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Requests that are not counted: the first ones do what is done once.
const FIRST: usize = 20;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [module, folder, requests] = arguments.as_slice() else {
        return Err("usage: profile COUNTING FOLDER REQUESTS".into());
    };
    let module = Module::from_bytes_to_measure(&fs::read(module)?)?;
    let requests = requests.parse()?;
    fs::create_dir_all(folder)?;
    for kind in kinds::all() {
        let counted = play(&module, &kind, requests).map_err(|error| format!("{}: {error}", kind.name))?;
        fs::write(Path::new(folder).join(kind.name), counted)?;
    }
    Ok(())
}

/// Plays the requests of a kind. Gives what they have added to what is counted.
fn play(module: &Module, kind: &Kind, requests: usize) -> Result<Vec<u8>> {
    let mut settings = Settings::new(kind.document.as_bytes()).cluster("up").allow_on_headers_stop_iteration(true);
    settings.properties.insert("source.address".into(), b"127.0.0.1:50000".to_vec());
    let mut sim = Sim::start(module, settings)?;
    let counting = Counting::of(&mut sim).ok_or("the module does not count")?;
    let mut backends = Backends(&kind.backend);
    let mut memory = |requests: usize| {
        for _ in 0..requests {
            let trace = sim.exchange(&kind.request, &mut backends);
            if trace.answer().map(Response::status) != Some(kind.status) {
                return Err(format!("a request was not answered {}:\n{trace}", kind.status));
            }
        }
        counting.memory(&mut sim).ok_or_else(|| "the module has no memory".to_owned())
    };
    let (before, after) = (memory(FIRST)?, memory(requests)?);
    counting.file(&before, &after).ok_or_else(|| "the counters are not in the memory".into())
}

/// Services that answer everything alike.
struct Backends<'a>(&'a Response);

impl Upstreams for Backends<'_> {
    fn route(&mut self, _: &Request) -> Answer {
        self.0.clone().into()
    }

    fn call(&mut self, _: &Call) -> Answer {
        self.0.clone().into()
    }
}
