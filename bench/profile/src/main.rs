//! `make profile`: plays requests through a module that counts (`finish --count`), and writes its counters, a file for each kind of
//! request. Knows nothing of what the counters mean. Usage: `profile COUNTING FOLDER REQUESTS`.

mod kinds;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use host_sim::{Answer, Call, Module, Request, Response, Settings, Sim, Upstreams};

use kinds::Kind;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Requests that are not counted: the first ones do what is done once.
const FIRST: usize = 20;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [module, folder, requests] = arguments.as_slice() else {
        return Err("usage: profile COUNTING FOLDER REQUESTS".into());
    };
    let module = Module::load(module)?;
    let requests = requests.parse()?;
    fs::create_dir_all(folder)?;
    for kind in kinds::all() {
        let counters = play(&module, &kind, requests).map_err(|error| format!("{}: {error}", kind.name))?;
        let file = Path::new(folder).join(kind.name);
        fs::write(&file, counters)?;
    }
    Ok(())
}

/// Plays the requests of a kind. Gives what they have added to the counters.
fn play(module: &Module, kind: &Kind, requests: usize) -> Result<Vec<u8>> {
    let settings = Settings::new(kind.document.as_bytes()).cluster("up").allow_on_headers_stop_iteration(true);
    let mut sim = Sim::start(module, settings)?;
    let mut backends = Backends { body: kind.body.as_bytes() };
    let mut counters = |requests: usize| {
        for _ in 0..requests {
            let trace = sim.exchange(&request(), &mut backends);
            if trace.answer().map(Response::status) != Some(200) {
                return Err(format!("a request was not answered 200:\n{trace}"));
            }
        }
        sim.memory("counters").ok_or_else(|| "the module has no counters".to_owned())
    };
    let (before, after) = (counters(FIRST)?, counters(requests)?);
    let words = |bytes: &[u8]| bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect::<Vec<_>>();
    let added = words(&after).into_iter().zip(words(&before)).map(|(after, before)| after.wrapping_sub(before));
    Ok(added.flat_map(u32::to_le_bytes).collect())
}

/// A request as Envoy hands it over when a client has sent it.
fn request() -> Request {
    Request::new("GET", "/t")
        .header("user-agent", "curl/8")
        .header("accept", "*/*")
        .header("accept-language", "en")
        .header("x-forwarded-for", "127.0.0.1")
        .header("x-forwarded-proto", "http")
        .header("x-request-id", "4ca1a1d8-37a9-4257-bed7-60fb81bb7ad2")
}

/// Services that answer everything with one body.
struct Backends<'a> {
    body: &'a [u8],
}

impl Backends<'_> {
    fn answer(&self) -> Answer {
        Response::new(200)
            .header("content-type", "application/json")
            .header("content-length", self.body.len().to_string())
            .header("date", "Mon, 23 Nov 2026 02:23:11 GMT")
            .header("server", "envoy")
            .body(self.body)
            .into()
    }
}

impl Upstreams for Backends<'_> {
    fn route(&mut self, _: &Request) -> Answer {
        self.answer()
    }

    fn call(&mut self, _: &Call) -> Answer {
        self.answer()
    }
}
