//! Any text as a configuration: it is loaded, or refused in one line that names the place.

use lua_modifier::pipeline::Program;

pub(crate) fn run(data: &[u8]) {
    if let Err(refusal) = Program::load(data) {
        let line = refusal.to_string();
        assert!(line.starts_with("configuration: "), "{line:?}");
        assert!(!line.contains(['\n', '\r']), "{line:?}");
    }
}
