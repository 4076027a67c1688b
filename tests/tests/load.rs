//! Many clients at once at one worker of a real Envoy, for some seconds, or with `SOAK=1` for a minute: each request waits
//! three times, for two side requests and for its backend. If there are two cores, Envoy has its own, as if clients and
//! upstream had other machines. Prints the figures. Only failed requests make it fail.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::envoy::Gateway;
use tests::machine::{Parts, soaks};
use tests::upstreams::{RawAnswer, Server};
use tests::wire::client::Caller;

const CLIENTS: u32 = 64;
const WAIT: Duration = Duration::from_millis(50);
const WAITS: u32 = 3;

#[test]
fn sixty_four_clients_whose_scripts_wait_are_all_answered() {
    let lasts = Duration::from_secs(if soaks() { 60 } else { 6 });
    let cores = Parts::of_this_machine();
    let upstream = Parts::on_the_others(cores.as_ref(), upstream);
    let gateway = Gateway::new(configuration(), &[("api", &upstream.authority())]);
    let gateway = Parts::on_one(cores.as_ref(), || gateway.start());
    let (port, began, computed) = (gateway.port(), Instant::now(), gateway.cpu());
    let served: Vec<Result<Served, String>> = Parts::on_the_others(cores.as_ref(), || {
        thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|n| scope.spawn(move || client(port, n, lasts))).collect();
            clients.into_iter().map(|client| client.join().unwrap()).collect()
        })
    });
    let (took, computed) = (began.elapsed().as_secs_f64(), (gateway.cpu() - computed).as_secs_f64());
    let failures: Vec<&String> = served.iter().filter_map(|one| one.as_ref().err()).collect();
    assert!(failures.is_empty(), "{} of {CLIENTS} clients: {failures:?}", failures.len());

    let served: Vec<Served> = served.into_iter().map(Result::unwrap).collect();
    let rate: f64 = served.iter().map(|one| one.times.len() as f64 / one.took.as_secs_f64()).sum();
    let best = f64::from(CLIENTS) / (WAIT * WAITS).as_secs_f64();
    let mut times: Vec<Duration> = served.into_iter().flat_map(|one| one.times).collect();
    times.sort_unstable();
    let of_a_hundred = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e3;
    println!(
        "load: {} requests in {took:.1} s: {rate:.0} a second of the {best:.0} that waiting allows ({:.1} %), half of them within \
         {:.1} ms, 90 % within {:.1} ms, 99 % within {:.1} ms; Envoy at {:.0} % of {}",
        times.len(),
        100.0 * rate / best,
        of_a_hundred(50),
        of_a_hundred(90),
        of_a_hundred(99),
        100.0 * computed / took,
        if cores.is_some() { "a core of its own" } else { "a core" },
    );
}

fn upstream() -> Server {
    Server::start(Box::new(|asked| {
        thread::sleep(WAIT); // the time that an upstream takes
        RawAnswer::json(said(&asked.path))
    }))
}

fn said(path: &str) -> String {
    format!("{{\"path\":\"{path}\"}}")
}

fn configuration() -> Value {
    let pre = "local id = request.load():params('Id')
        one = http_response.new('http://api/one/' .. id):body()
        two = http_response.new('http://api/two/' .. id, 'POST', one, {['X-Id'] = id}):body()";
    let post = "local d = response.load():data(); d:set('one', one); d:set('two', two)";
    json!({
        "version": 3, "timeout": "5s",
        "extra_config": {"envoy/lua-modifier": {"clusters": {"http://api": "api"}}},
        "endpoints": [{
            "endpoint": "/t/{id}", "backend": [{"host": ["http://api"], "url_pattern": "/b/{id}"}],
            "extra_config": {"modifier/lua-proxy": {"pre": pre, "post": post}},
        }],
    })
}

/// One client's results: the time of each answer, and the whole time.
struct Served {
    times: Vec<Duration>,
    took: Duration,
}

/// Sends one request after the other on one connection, and checks each answer.
fn client(port: u16, number: u32, lasts: Duration) -> Result<Served, String> {
    thread::sleep(WAIT * WAITS * number / CLIENTS); // clients come one by one, not in step
    let (mut caller, mut times, began) = (Caller::new(port), Vec::new(), Instant::now());
    while began.elapsed() < lasts {
        let id = format!("{number}-{}", times.len());
        let asked = Instant::now();
        let response = caller.get(&format!("/t/{id}"))?;
        times.push(asked.elapsed());
        let quoted = |path: &str| said(path).replace('"', "\\\"");
        let wanted = format!(
            "{{\"one\":\"{}\",\"path\":\"/b/{id}\",\"two\":\"{}\"}}",
            quoted(&format!("/one/{id}")),
            quoted(&format!("/two/{id}"))
        );
        if response.body != wanted.as_bytes() {
            return Err(format!("{}: {} instead of {wanted}", response.status, response.text()));
        }
    }
    Ok(Served { times, took: began.elapsed() })
}
