//! Headers and bodies through the filter: what may be edited when, what a pause holds, in both settings.

use host_sim::{LogLevel, Progress, Request, Response, Settings, Side, Sim};

use crate::guest;

fn lines(sim: &mut Sim) -> Vec<String> {
    let trace = sim.take_trace();
    trace.logs().iter().map(|(_, line)| (*line).to_owned()).collect()
}

#[test]
fn headers_are_edited_on_their_way() {
    let mut sim = guest::sim(
        r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
            (call $note (call $replace (i32.const 0) @":path" @"/b"))
            (call $note (call $add (i32.const 0) @"X-New" @"1"))
            (call $note (call $add (i32.const 0) @"x-new" @"2"))
            (call $note (call $remove (i32.const 0) @"x-old"))
            (call $note (call $replace (i32.const 0) @"Host" @"other"))
            (call $say_header (i32.const 0) @"x-multi")
            (call $say_header (i32.const 0) @"nothing")
            (i32.const 0))"#,
        Settings::default(),
    );
    let request = Request::new("GET", "/a").header("X-Old", "1").header("X-Multi", "first").header("X-Multi", "second");
    let id = sim.request(&request).unwrap();
    let forwarded = sim.stream(id).unwrap().forwarded().unwrap();
    assert_eq!(forwarded.headers.get(":path").unwrap(), "/b");
    assert_eq!(forwarded.headers.get(":authority").unwrap(), "other");
    assert_eq!(forwarded.headers.all("x-new"), ["1", "2"]);
    assert!(!forwarded.headers.contains("x-old"));
    assert_eq!(lines(&mut sim), ["00", "00", "00", "00", "00", "first", "01"]);
}

#[test]
fn request_headers_are_gone_after_continue_and_an_absent_map_has_no_pairs() {
    let mut sim = guest::sim(
        r#"(func (export "proxy_on_request_body") (param i32 i32 i32) (result i32)
            (call $say_header (i32.const 0) @":path")
            (call $note (call $add (i32.const 0) @"x" @"y"))
            (call $note (call $pairs (i32.const 0) (i32.const 60008) (i32.const 60012)))
            (call $note (i32.load (i32.const 60008)))
            (i32.const 0))"#,
        Settings::default(),
    );
    let id = sim.open_stream();
    sim.request_headers(id, Request::new("POST", "/").headers, false).unwrap();
    sim.request_body(id, "x", true).unwrap();
    assert_eq!(lines(&mut sim), ["02", "02", "00", "00"]);
}

const HOLDS_HEADERS: &str = r#"
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 1))
  (func (export "proxy_on_request_body") (param i32 i32) (param $end i32) (result i32)
    (call $say_buffer (i32.const 0))
    (if (i32.eqz (local.get $end)) (then (return (i32.const 1))))
    (call $note (call $replace (i32.const 0) @":path" @"/late"))
    (call $note (call $set_buffer (i32.const 0) (i32.const 0) (i32.const 9999) @"new body"))
    (drop (call $remove (i32.const 0) @"content-length"))
    (i32.const 0))
  (func (export "proxy_on_tick") (param i32)
    (drop (call $act_for (i32.const 2)))
    (drop (call $continue (i32.const 0))))"#;

#[test]
fn with_the_setting_a_header_pause_lets_the_body_come_and_headers_be_edited_last() {
    let settings = Settings::default().allow_on_headers_stop_iteration(true);
    let mut sim = guest::sim(HOLDS_HEADERS, settings);
    let id = sim.request(&Request::new("POST", "/").chunk("one ").chunk("two")).unwrap();
    assert_eq!(lines(&mut sim), ["one ", "one two", "one two", "00", "00"]);
    let forwarded = sim.stream(id).unwrap().forwarded().unwrap();
    assert_eq!(forwarded.headers.get(":path").unwrap(), "/late");
    assert_eq!(forwarded.text(), "new body");
    assert_eq!(sim.stream(id).unwrap().progress(Side::Request), Progress::Done);
}

#[test]
fn without_the_setting_the_body_callback_never_comes_until_someone_continues() {
    let mut sim = guest::sim(HOLDS_HEADERS, Settings::default());
    let id = sim.request(&Request::new("POST", "/").chunk("one ").chunk("two")).unwrap();
    assert_eq!(lines(&mut sim), [""; 0]);
    assert_eq!(sim.stream(id).unwrap().progress(Side::Request), Progress::Held);
    sim.tick().unwrap();
    // All at once, and too late for the headers.
    assert_eq!(lines(&mut sim), ["one two", "02", "00"]);
    let forwarded = sim.stream(id).unwrap().forwarded().unwrap();
    assert_eq!(forwarded.headers.get(":path").unwrap(), "/");
    assert_eq!(forwarded.text(), "new body");
}

#[test]
fn without_a_body_there_is_no_body_callback_and_a_pause_waits_for_a_continue() {
    let settings = Settings::default().allow_on_headers_stop_iteration(true);
    let mut sim = guest::sim(HOLDS_HEADERS, settings);
    let id = sim.request(&Request::new("GET", "/")).unwrap();
    assert!(sim.stream(id).unwrap().forwarded().is_none());
    sim.tick().unwrap();
    let trace = sim.take_trace();
    assert_eq!(trace.forwarded().len(), 1);
    assert!(!trace.callbacks().contains(&"proxy_on_request_body"));
}

#[test]
fn a_request_without_a_body_cannot_be_given_one() {
    let mut sim = guest::sim(
        r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
            (call $note (call $set_buffer (i32.const 0) (i32.const 0) (i32.const 0) @"body"))
            (i32.const 0))"#,
        Settings::default(),
    );
    sim.request(&Request::new("POST", "/")).unwrap();
    assert_eq!(lines(&mut sim), ["02"]);
}

#[test]
fn a_body_that_is_let_go_piece_by_piece_is_seen_piece_by_piece() {
    let mut sim = guest::sim(
        r#"(func (export "proxy_on_response_body") (param i32 i32 i32) (result i32)
            (call $say_buffer (i32.const 1))
            (drop (call $set_buffer (i32.const 1) (i32.const 0) (i32.const 0) @">"))
            (i32.const 0))"#,
        Settings::default(),
    );
    let id = sim.request(&Request::new("GET", "/")).unwrap();
    let response = Response::new(200);
    sim.response_headers(id, response.headers, false).unwrap();
    sim.response_body(id, "one", false).unwrap();
    sim.response_body(id, "two", true).unwrap();
    let trace = sim.take_trace();
    assert_eq!(trace.logs(), [(LogLevel::Info, "one"), (LogLevel::Info, "two")]);
    assert_eq!(trace.answer().unwrap().text(), ">one>two");
    assert_eq!(trace.callbacks()[trace.callbacks().len() - 1..], ["proxy_on_response_body"]);
}

#[test]
fn what_is_held_beyond_the_limit_is_answered_413() {
    let settings = Settings { buffer_limit: 5, ..Settings::default().allow_on_headers_stop_iteration(true) };
    let mut sim = guest::sim(HOLDS_HEADERS, settings);
    sim.request(&Request::new("POST", "/").chunk("one ").chunk("two")).unwrap();
    let trace = sim.take_trace();
    assert_eq!(trace.answer().unwrap().status(), 413);
    assert_eq!(trace.answer().unwrap().details, "request_payload_too_large");
    assert!(trace.forwarded().is_empty());
}

#[test]
fn a_length_that_no_longer_fits_is_pointed_out() {
    let mut sim = guest::sim(
        r#"(func (export "proxy_on_request_body") (param i32 i32) (param $end i32) (result i32)
            (if (local.get $end)
              (then (drop (call $set_buffer (i32.const 0) (i32.const 0) (i32.const 0) @"more"))))
            (i32.const 0))"#,
        Settings::default(),
    );
    sim.request(&Request::new("POST", "/").body("body")).unwrap();
    let trace = sim.take_trace();
    assert_eq!(trace.forwarded()[0].text(), "bodymore");
    assert!(trace.misuses()[0].contains("content-length 4"), "{:?}", trace.misuses());
}

#[test]
fn too_many_pairs_leave_a_map_empty() {
    let many: Vec<(String, String)> = (0..1025).map(|i| (format!("h{i}"), String::new())).collect();
    let many: Vec<_> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let mut sim = guest::sim(
        &format!(
            r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
                (call $note (call $set_pairs (i32.const 0) {}))
                (i32.const 0))"#,
            guest::pairs(&many)
        ),
        Settings::default(),
    );
    let id = sim.request(&Request::new("GET", "/")).unwrap();
    assert!(sim.stream(id).unwrap().forwarded().unwrap().headers.is_empty());
    let trace = sim.take_trace();
    assert!(trace.misuses().iter().any(|text| text.contains("1,024")));
}

#[test]
fn two_streams_may_be_interleaved() {
    let settings = Settings::default().allow_on_headers_stop_iteration(true);
    let mut sim = guest::sim(HOLDS_HEADERS, settings);
    let (a, b) = (sim.open_stream(), sim.open_stream());
    for id in [a, b] {
        sim.request_headers(id, Request::new("POST", "/").headers, false).unwrap();
    }
    sim.request_body(a, "a", false).unwrap();
    sim.request_body(b, "b", true).unwrap();
    assert_eq!(sim.stream(b).unwrap().forwarded().unwrap().text(), "new body");
    assert!(sim.stream(a).unwrap().forwarded().is_none());
    sim.request_body(a, "", true).unwrap();
    assert!(sim.stream(a).unwrap().forwarded().is_some());
}
