//! Calls and their replies: when they come, why they fail, what they hold, and clients that do not wait for them.

use std::time::Duration;

use host_sim::{Event, NoAnswer, Request, Response, Settings};

use crate::guest::{self, lines};
use crate::upstream::Upstream;

fn dispatch(cluster: &str, path: &str) -> String {
    dispatch_by("GET", cluster, path)
}

fn dispatch_by(method: &str, cluster: &str, path: &str) -> String {
    let headers = guest::pairs(&[(":method", method), (":path", path), (":authority", "a")]);
    format!(
        r#"(call $note (call $call @"{cluster}" {headers} (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
            (i32.const 1000) (i32.const 60016)))"#
    )
}

/// Holds the request for two calls; each reply is logged, the second lets the request go on.
fn two_calls() -> String {
    format!(
        r#"(global $left (mut i32) (i32.const 2))
        (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
          {} {} (i32.const 1))
        (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
          (drop (call $act_for (i32.const 2)))
          (call $say_header (i32.const 6) @":status")
          (call $say_buffer (i32.const 4))
          (global.set $left (i32.sub (global.get $left) (i32.const 1)))
          (if (i32.eqz (global.get $left)) (then
            (call $note (call $replace (i32.const 0) @"x-from" @"reply"))
            (drop (call $continue (i32.const 0))))))"#,
        dispatch("a", "/one"),
        dispatch("a", "/two")
    )
}

#[test]
fn replies_come_in_the_order_of_their_delays_and_the_last_lets_the_request_go() {
    let mut sim = guest::sim(&two_calls(), Settings::default().cluster("a"));
    let mut upstream = Upstream { delays: vec![30, 20], ..Upstream::default() };
    let trace = sim.exchange(&Request::new("GET", "/p"), &mut upstream);
    assert_eq!(lines(&trace), ["00", "00", "200", "/two", "200", "/one", "00"]);
    assert_eq!(trace.forwarded()[0].headers.get("x-from").unwrap(), "reply");
    assert_eq!(trace.answer().unwrap().text(), "page");
    assert_eq!(trace.answer().unwrap().headers.get("x-seen").unwrap(), "/p");
    assert_eq!(trace.answer().unwrap().details, "via_upstream");
    assert_eq!(sim.elapsed(), Duration::from_millis(30));
    assert!(trace.before(|event| matches!(event, Event::Called(_)), |event| matches!(event, Event::Forwarded(_))));
    let end = trace.callbacks();
    assert_eq!(end[end.len() - 1], "proxy_on_http_call_response");
}

#[test]
fn a_call_by_head_gets_the_headers_of_an_answer_and_no_body() {
    let module = format!(
        r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) {} {} (i32.const 0))
        (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
          (call $say_header (i32.const 6) @"content-length")
          (call $say_buffer (i32.const 4)))"#,
        dispatch_by("HEAD", "a", "/one"),
        dispatch_by("GET", "a", "/two")
    );
    let mut sim = guest::sim(&module, Settings::default().cluster("a"));
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Upstream::default());
    assert_eq!(lines(&trace), ["00", "00", "4", "", "4", "/two"]);
}

#[test]
fn a_call_that_takes_too_long_is_answered_504() {
    let mut sim = guest::sim(&two_calls(), Settings::default().cluster("a"));
    let mut upstream = Upstream { delays: vec![30, 5000], ..Upstream::default() };
    let trace = sim.exchange(&Request::new("GET", "/"), &mut upstream);
    assert_eq!(lines(&trace)[2..6], ["200", "/one", "504", "upstream request timeout"]);
}

#[test]
fn calls_are_refused_at_once_for_unknown_clusters_missing_headers_and_clusters_without_hosts() {
    let bare = guest::pairs(&[(":method", "GET")]);
    let mut sim = guest::sim(
        &format!(
            r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
              {} {}
              (call $note (call $call @"down" {bare} (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 60016)))
              (i32.const 0))"#,
            dispatch("nowhere", "/"),
            dispatch("down", "/"),
        ),
        Settings::default().unhealthy_cluster("down"),
    );
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Upstream::default());
    assert_eq!(lines(&trace), ["02", "10", "02"]);
    assert!(trace.calls().is_empty());
}

#[test]
fn a_failed_call_arrives_with_zero_headers() {
    let mut sim = guest::sim(
        &format!(
            r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) {} (i32.const 1))
            (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
              (call $note (local.get 2))
              (call $note (call $pairs (i32.const 6) (i32.const 60008) (i32.const 60012)))
              (call $note (i32.load (i32.const 60008))))"#,
            dispatch("a", "/")
        ),
        Settings::default().cluster("a"),
    );
    sim.request(&Request::new("GET", "/")).unwrap();
    let token = sim.pending_calls().next().unwrap().token;
    sim.reply(token, Err(NoAnswer)).unwrap();
    assert_eq!(lines(&sim.take_trace()), ["00", "00", "00", "00"]);
}

#[test]
fn when_the_client_leaves_the_module_is_told_and_late_replies_change_nothing() {
    let callbacks = two_calls()
        + r#"(func (export "proxy_on_log") (param i32))
             (func (export "proxy_on_done") (param i32) (result i32) (i32.const 1))
             (func (export "proxy_on_delete") (param i32))"#;
    let mut sim = guest::sim(&callbacks, Settings::default().cluster("a"));
    let id = sim.request(&Request::new("GET", "/")).unwrap();
    sim.take_trace();
    sim.client_gone(id).unwrap();
    assert_eq!(sim.take_trace().callbacks(), ["proxy_on_log", "proxy_on_done", "proxy_on_delete"]);
    for token in [1, 2] {
        sim.reply(token, Ok(Response::new(200))).unwrap();
    }
    sim.reply(9, Ok(Response::new(200))).unwrap();
    let trace = sim.take_trace();
    assert!(trace.forwarded().is_empty());
    assert_eq!(trace.callbacks(), ["proxy_on_http_call_response"; 2]);
}

/// Holds the response's headers or body for a call, and edits both in its reply.
fn holds_the_response(answers: (u32, u32)) -> String {
    format!(
        r#"(func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
          {} (i32.const {}))
        (func (export "proxy_on_response_body") (param i32 i32 i32) (result i32) (i32.const {}))
        (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
          (drop (call $act_for (i32.const 2)))
          (drop (call $remove (i32.const 2) @"content-length"))
          (call $note (call $replace (i32.const 2) @":status" @"203"))
          (call $note (call $set_buffer (i32.const 1) (i32.const 0) (i32.const 9999) @"edited"))
          (drop (call $continue (i32.const 1))))"#,
        dispatch("a", "/side"),
        answers.0,
        answers.1
    )
}

#[test]
fn a_response_is_held_for_a_call_and_edited_in_its_reply() {
    let settings = Settings::default().cluster("a").allow_on_headers_stop_iteration(true);
    let mut sim = guest::sim(&holds_the_response((1, 1)), settings);
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Upstream::default());
    let answer = trace.answer().unwrap();
    assert_eq!((answer.status(), answer.text().as_str()), (203, "edited"));
    assert_eq!(lines(&trace), ["00", "00", "00"]);
    assert!(trace.misuses().is_empty(), "{trace}");
}

#[test]
fn a_body_that_its_callback_has_not_seen_cannot_be_edited_from_a_reply() {
    let mut sim = guest::sim(&holds_the_response((1, 0)), Settings::default().cluster("a"));
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Upstream::default());
    let answer = trace.answer().unwrap();
    assert_eq!((answer.status(), answer.text().as_str()), (203, "page"));
    assert_eq!(lines(&trace), ["00", "00", "02"]);
}

#[test]
fn a_response_without_a_body_is_held_for_a_call_too() {
    for allow in [false, true] {
        let settings = Settings::default().cluster("a").allow_on_headers_stop_iteration(allow);
        let mut sim = guest::sim(&holds_the_response((1, 0)), settings);
        let mut upstream = Upstream { route: Some(Response::new(204).into()), ..Upstream::default() };
        let trace = sim.exchange(&Request::new("GET", "/"), &mut upstream);
        assert_eq!(trace.answer().unwrap().status(), 203);
        assert!(!trace.callbacks().contains(&"proxy_on_response_body"));
    }
}

#[test]
fn edits_of_response_headers_that_have_left_are_pointed_out() {
    let callbacks = holds_the_response((1, 1))
        + r#"(func (export "proxy_on_log") (param i32)
            (call $note (call $add (i32.const 2) @"x" @"y")))
          (func (export "proxy_on_tick") (param i32)
            (drop (call $act_for (i32.const 2)))
            (call $note (call $add (i32.const 2) @"x" @"y")))"#;
    let mut sim = guest::sim(&callbacks, Settings::default().cluster("a"));
    let id = sim.request(&Request::new("GET", "/")).unwrap();
    sim.response_headers(id, Response::new(200).headers, false).unwrap();
    sim.reply(1, Ok(Response::new(200))).unwrap();
    sim.tick().unwrap();
    let trace = sim.take_trace();
    assert!(trace.misuses()[0].contains("nobody will see it"), "{trace}");
    assert!(!sim.stream(id).unwrap().delivered().unwrap().headers.contains("x"));
}
