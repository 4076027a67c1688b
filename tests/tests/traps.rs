//! What happens if the module ever traps: it reports the reason before. Nothing in it traps on purpose, so host-sim behaves
//! here as no real host would.

use host_sim::{LogLevel, Module, Request, Settings, Sim};
use tests::built::module_from_env;

fn start() -> Sim {
    let module = Module::load(module_from_env().unwrap()).unwrap();
    Sim::start(&module, Settings::new(r#"{"version": 3, "endpoints": []}"#)).unwrap()
}

#[test]
fn a_call_for_a_context_that_nobody_knows_comes_to_nothing() {
    let mut sim = start();
    sim.call_for_unknown_context().unwrap();
    assert!(sim.dead().is_none());
    sim.request(&Request::new("GET", "/")).unwrap();
}

#[test]
fn a_panic_is_logged_with_its_place_before_the_trap() {
    let mut sim = start();
    sim.break_clock();
    let trap = sim.request(&Request::new("GET", "/")).unwrap_err();
    let trace = sim.take_trace();
    let last_words: Vec<&str> =
        trace.logs().into_iter().filter(|(level, _)| *level == LogLevel::Error).map(|(_, text)| text).collect();
    assert_eq!(last_words.len(), 1, "{last_words:?}");
    let (place, message) = last_words[0].split_once('\n').unwrap();
    assert!(place.starts_with("lua-modifier: ") && place.contains("panicked at "), "{place}");
    assert!(place.contains("time.rs:"), "{place}");
    assert!(message.contains("on an `Err` value"), "{message}");
    assert_eq!(sim.dead().map(ToString::to_string), Some(trap.to_string()));
}
