//! The world around a module: ticks, foreign functions, clusters without a list, an end to exchanges that have none, and the
//! real time of events.

use std::time::Duration;

use host_sim::{Answer, Call, Event, Headers, LogLevel, Request, Response, Settings, Upstreams};

use crate::guest;
use crate::upstream::Upstream;

const TELLS: &str = r#"
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $note (call $foreign @"tell" @"what happened" (i32.const 60008) (i32.const 60012)))
    (call $say (i32.load (i32.const 60008)) (i32.load (i32.const 60012)))
    (i32.const 0))"#;

#[test]
fn a_foreign_function_gives_its_answer_and_the_trace_has_its_arguments() {
    let mut sim = guest::sim(TELLS, Settings::default().foreign_function("tell", "go on"));
    sim.request(&Request::new("GET", "/")).unwrap();
    let trace = sim.take_trace();
    assert_eq!(trace.logs(), [(LogLevel::Info, "00"), (LogLevel::Info, "go on")]);
    let told = Event::ForeignCalled { name: "tell".to_owned(), arguments: b"what happened".to_vec() };
    assert!(trace.entries.iter().any(|entry| entry.event == told && entry.stream.is_some()), "{trace}");
    assert!(trace.unimplemented().is_empty());
}

#[test]
fn a_foreign_function_that_nobody_offers_is_not_found_and_is_pointed_out() {
    let mut sim = guest::sim(TELLS, Settings::default().foreign_function("other", ""));
    sim.request(&Request::new("GET", "/")).unwrap();
    let trace = sim.take_trace();
    assert_eq!(trace.logs().first(), Some(&(LogLevel::Info, "01")));
    assert_eq!(trace.unimplemented(), ["foreign function tell"]);
    assert!(!trace.shows(|event| matches!(event, Event::ForeignCalled { .. })));
}

struct Echo;

impl Upstreams for Echo {
    fn route(&mut self, _: &Request) -> Answer {
        Response::new(200).into()
    }

    fn call(&mut self, call: &Call) -> Answer {
        Response::new(200).body(call.cluster.as_bytes()).into()
    }
}

/// A service whose path `/outer` is the gateway's `/inner`; `/round` is itself.
struct Mirror;

impl Upstreams for Mirror {
    fn route(&mut self, request: &Request) -> Answer {
        Response::new(200).body(request.headers.get(":path").unwrap().as_bytes()).into()
    }

    fn call(&mut self, call: &Call) -> Answer {
        Echo.call(call)
    }

    fn to_itself(&mut self, _: Option<u32>, headers: &Headers, _: &str, _: &[u8]) -> Option<Request> {
        match &*headers.get(":path").unwrap() {
            "/outer" => Some(Request::new("GET", "/inner")),
            "/round" => Some(Request::new("GET", "/round")),
            _ => None,
        }
    }
}

const PASSES: &str = r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 0))"#;

#[test]
fn a_request_to_the_gateway_itself_comes_in_as_another_stream_whose_response_is_the_answer() {
    let trace = guest::sim(PASSES, Settings::default()).exchange(&Request::new("GET", "/outer"), &mut Mirror);
    assert_eq!(trace.answer().unwrap().text(), "/inner");
    let paths: Vec<_> = trace.forwarded().iter().map(|request| request.headers.get(":path").unwrap()).collect();
    assert_eq!(paths, ["/outer", "/inner"]);
    let came_back = |event: &Event| matches!(event, Event::CameBack { token: None, .. });
    assert!(trace.entries.iter().any(|entry| came_back(&entry.event) && entry.stream.is_some()), "{trace}");
}

#[test]
fn a_gateway_that_is_its_own_service_for_ever_is_stuck() {
    let settings = Settings { most_replies: 5, ..Settings::default() };
    let trace = guest::sim(PASSES, settings).exchange(&Request::new("GET", "/round"), &mut Mirror);
    assert!(trace.shows(|event| matches!(event, Event::Stuck)), "{trace}");
}

/// Calls once, and again for each reply.
fn calls_forever() -> String {
    let headers = guest::pairs(&[(":method", "GET"), (":path", "/"), (":authority", "a")]);
    format!(
        r#"(func $again
             (call $note (call $call @"anywhere" {headers} (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
               (i32.const 1000) (i32.const 60016))))
           (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
             (call $again) (i32.const 1))
           (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32) (call $again))"#
    )
}

#[test]
fn every_cluster_exists_where_the_settings_say_so() {
    let request = Request::new("GET", "/");
    let listed = guest::sim(&calls_forever(), Settings::default()).exchange(&request, &mut Echo);
    assert!(listed.shows(|event| matches!(event, Event::CallRefused { .. })) && listed.calls().is_empty());
    let settings = Settings { most_replies: 3, every_cluster: true, ..Settings::default() };
    let every = guest::sim(&calls_forever(), settings).exchange(&request, &mut Echo);
    assert!(every.calls().iter().all(|call| call.cluster == "anywhere") && !every.calls().is_empty());
}

#[test]
fn an_exchange_that_asks_for_ever_more_replies_is_ended() {
    let settings = Settings { most_replies: 3, every_cluster: true, ..Settings::default() };
    let mut sim = guest::sim(&calls_forever(), settings);
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Echo);
    assert!(trace.is_stuck());
    assert_eq!(trace.calls().len(), 4);
    assert!(trace.answer().is_none());
}

#[test]
fn real_time_goes_on_while_simulated_time_stands() {
    let mut sim = guest::sim(TELLS, Settings::default().foreign_function("tell", ""));
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Echo);
    assert!(trace.entries.iter().all(|entry| entry.at.is_zero()));
    let real: Vec<_> = trace.entries.iter().map(|entry| entry.real).collect();
    assert!(real.is_sorted() && real.first() < real.last(), "{real:?}");
}

const TICKS: &str = r#"
  (global $id (mut i32) (i32.const 0))
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (drop (call $define (i32.const 0) @"ticks" (i32.const 60008)))
    (global.set $id (i32.load (i32.const 60008)))
    (drop (call $set_tick (i32.const 100)))
    (i32.const 1))
  (func (export "proxy_on_tick") (param i32)
    (drop (call $increment (global.get $id) (i64.const 1))))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 1))"#;

#[test]
fn time_brings_ticks() {
    let mut sim = guest::sim(TICKS, Settings::default());
    sim.advance(Duration::from_millis(350)).unwrap();
    assert_eq!(sim.metric("ticks"), Some(3));
}

#[test]
fn an_exchange_that_nothing_can_end_is_given_up() {
    let settings = Settings { patience: Duration::from_secs(1), ..Settings::default() };
    let mut sim = guest::sim(TICKS, settings);
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Upstream::default());
    assert!(trace.is_stuck() && trace.answer().is_none());
    assert_eq!(sim.metric("ticks"), Some(10));
    let text = trace.to_string();
    assert!(text.contains("Stuck"));
}
