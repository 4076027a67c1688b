//! A module that host-sim has never heard of: the shape of the SDKs' example that asks an authorisation service before it
//! lets a request pass. Run it with `cargo run --release -p host-sim --example foreign_module`, or give the path of a module
//! of your own behind `--` to see what it makes of a request.
//!
//! The guest is WebAssembly text, so that nothing but this package is needed; one that was compiled with an SDK of
//! any language is loaded in the same way.

use std::time::Duration;

use host_sim::{Answer, Call, Event, Module, Request, Response, Settings, Sim, Upstreams};

/// Holds the request, calls `/check` at the cluster `auth`, and lets it go on if the answer is 200; else it answers 403.
const GUEST: &str = r#"(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
  (import "env" "proxy_set_effective_context" (func $act_for (param i32) (result i32)))
  (import "env" "proxy_get_header_map_value" (func $header (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_http_call" (func $call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_send_local_response" (func $reply (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 1024) "auth")
  (data (i32.const 1032) "asking")
  (data (i32.const 1040) "denied")
  (data (i32.const 1048) ":status")
  ;; Three header pairs: how many, the lengths of each name and value, then the texts, each with a NUL.
  (data (i32.const 1056)
    "\03\00\00\00" "\07\00\00\00\03\00\00\00" "\05\00\00\00\06\00\00\00" "\0a\00\00\00\04\00\00\00"
    ":method\00GET\00" ":path\00/check\00" ":authority\00auth\00")
  (global $heap (mut i32) (i32.const 65536))
  (global $waiting (mut i32) (i32.const 0))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_memory_allocate") (param $size i32) (result i32)
    (global.get $heap)
    (global.set $heap (i32.add (global.get $heap) (local.get $size))))
  (func (export "proxy_on_request_headers") (param $context i32) (param i32 i32) (result i32)
    (global.set $waiting (local.get $context))
    (drop (call $log (i32.const 2) (i32.const 1032) (i32.const 6)))
    (drop (call $call (i32.const 1024) (i32.const 4) (i32.const 1056) (i32.const 69)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1000) (i32.const 2000)))
    (i32.const 1)) ;; Pause
  (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
    (drop (call $header (i32.const 6) (i32.const 1048) (i32.const 7) (i32.const 2008) (i32.const 2012)))
    (drop (call $act_for (global.get $waiting)))
    ;; "200"?
    (if (i32.eq (i32.load8_u (i32.load (i32.const 2008))) (i32.const 50))
      (then (drop (call $continue (i32.const 0))))
      (else (drop (call $reply (i32.const 403) (i32.const 0) (i32.const 0) (i32.const 1040) (i32.const 6)
        (i32.const 0) (i32.const 0) (i32.const -1)))))))"#;

/// The world behind the module: a service that lets pass, or not, and the backend.
struct World {
    lets_pass: bool,
}

impl Upstreams for World {
    fn route(&mut self, _: &Request) -> Answer {
        Response::new(200).body("welcome").into()
    }

    fn call(&mut self, call: &Call) -> Answer {
        assert_eq!((call.cluster.as_str(), call.headers.get(":path").as_deref()), ("auth", Some("/check")));
        let status = if self.lets_pass { 200 } else { 401 };
        Answer::after(Duration::from_millis(30), Response::new(status))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Some(path) = std::env::args().nth(1) {
        let mut sim = Sim::start(&Module::load(path)?, Settings::default().cluster("auth"))?;
        print!("{}", sim.exchange(&Request::new("GET", "/"), &mut World { lets_pass: true }));
        return Ok(());
    }
    ask_first()
}

fn ask_first() -> Result<(), Box<dyn std::error::Error>> {
    let module = Module::from_bytes(&wat::parse_str(GUEST)?)?;
    for (lets_pass, status) in [(true, 200), (false, 403)] {
        let mut sim = Sim::start(&module, Settings::default().cluster("auth"))?;
        let trace = sim.exchange(&Request::new("GET", "/"), &mut World { lets_pass });
        let answer = trace.answer().ok_or("no answer")?;
        assert_eq!(answer.status(), status);
        // The request waited for the service: simulated time went on, real time did not.
        let called = |event: &Event| matches!(event, Event::Called(_));
        assert!(trace.before(called, |event| matches!(event, Event::Delivered(_))));
        assert_eq!(sim.elapsed(), Duration::from_millis(30));
        println!(
            "the service says {}: the client gets {status} {:?}",
            if lets_pass { "yes" } else { "no" },
            answer.text()
        );
        print!("{trace}");
    }
    Ok(())
}

#[test]
fn the_example_holds() -> Result<(), Box<dyn std::error::Error>> {
    ask_first()
}
