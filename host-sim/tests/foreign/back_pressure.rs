//! The two answers to a piece of a body that proxy-wasm's own kit does not know: 2 holds it and stops its sender where the buffer is full,
//! 3 keeps nothing of it.

use host_sim::{Progress, Request, Settings, Sim, StreamId};

use crate::guest;

// Answers each piece by its first digit, and says what it sees. Each tick continues the request of the first stream.
const ANSWERS: &str = r#"
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 1))
  (func (export "proxy_on_request_body") (param i32) (param $size i32) (param i32) (result i32)
    (call $note (local.get $size))
    (call $say_buffer (i32.const 0))
    (i32.sub (i32.load8_u (i32.load (i32.const 60008))) (i32.const 48)))
  (func (export "proxy_on_tick") (param i32)
    (drop (call $act_for (i32.const 2)))
    (call $say_buffer (i32.const 0))
    (drop (call $continue (i32.const 0))))"#;

fn play(limit: usize, pieces: &[&str]) -> (Sim, StreamId) {
    let settings = Settings { buffer_limit: limit, ..Settings::default().allow_on_headers_stop_iteration(true) };
    let mut sim = guest::sim(ANSWERS, settings);
    let id = sim.open_stream();
    sim.request_headers(id, Request::new("POST", "/").headers, false).unwrap();
    for (place, piece) in pieces.iter().enumerate() {
        sim.request_body(id, *piece, place + 1 == pieces.len()).unwrap();
    }
    (sim, id)
}

fn lines(sim: &mut Sim) -> Vec<String> {
    guest::lines(&sim.take_trace()).into_iter().map(str::to_owned).collect()
}

#[test]
fn pieces_behind_a_push_back_are_seen_alone_and_leave_together() {
    let (mut sim, id) = play(100, &["2a", "2b", "0c"]);
    assert_eq!(lines(&mut sim), ["02", "2a", "02", "2b", "02", "0c"]);
    assert_eq!(sim.stream(id).unwrap().forwarded().unwrap().text(), "2a2b0c");
}

#[test]
fn a_pause_behind_a_push_back_brings_all_into_sight_of_the_next_callback() {
    let (mut sim, id) = play(100, &["2a", "1b", "0c"]);
    assert_eq!(lines(&mut sim), ["02", "2a", "02", "1b", "06", "2a1b0c"]);
    assert_eq!(sim.stream(id).unwrap().progress(host_sim::Side::Request), Progress::Held);
}

#[test]
fn a_sender_that_was_pushed_back_goes_on_when_the_buffer_has_left() {
    let (mut sim, id) = play(3, &["2a", "2b", "0c", "0d"]);
    assert_eq!(lines(&mut sim), ["02", "2a", "02", "2b"]);
    assert!(sim.stream(id).unwrap().forwarded().is_none());
    sim.tick().unwrap();
    assert_eq!(lines(&mut sim), ["", "02", "0c", "02", "0d"]);
    assert_eq!(sim.stream(id).unwrap().forwarded().unwrap().text(), "2a2b0c0d");
    assert_eq!(sim.stream(id).unwrap().progress(host_sim::Side::Request), Progress::Done);
}

#[test]
fn a_piece_that_is_dropped_is_gone() {
    let (sim, id) = play(1, &["3a", "3b", "0c"]);
    assert_eq!(sim.stream(id).unwrap().forwarded().unwrap().text(), "0c");
}
