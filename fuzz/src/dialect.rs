//! Any text as a script: it is split into tokens without loss, rewritten so that every line stays in its place, and compiled or
//! refused.

use lua_modifier::bindings::{Machine, Reach};
use lua_modifier::lua::Text;

use rewriting::Translation;

// The rewriting is private to the filter, so its source is included here.
#[path = "../../filter/src/lua/dialect.rs"]
mod rewriting;
#[path = "../../filter/src/lua/tokens.rs"]
mod tokens;

thread_local! {
    static MACHINE: Machine = Machine::new(true, &Reach::default()).unwrap_or_else(|error| panic!("{error}"));
}

pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut at = 0;
    for token in tokens::tokens(&text) {
        assert!(token.at == at && !token.text.is_empty() && text[at..].starts_with(token.text), "{text:?} at {at}");
        at += token.text.len();
    }
    assert_eq!(at, text.len(), "{text:?}");

    let translation = Translation::of(&text);
    let lines = |text: &str| text.matches('\n').count();
    assert_eq!(lines(translation.code()), lines(&text), "{text:?} became {:?}", translation.code());
    assert_eq!(lines(&translation.wrapped()), lines(&text) + 1, "{text:?} became {:?}", translation.wrapped());
    assert!(rewriting::names(&text).iter().all(|name| text.contains(name)));
    // A text that has been rewritten is not changed by a second rewriting.
    assert_eq!(Translation::of(translation.code()).code(), translation.code(), "{text:?}");

    let compiled = MACHINE.with(|machine| machine.vm().compile(Text::Script, &text));
    if let Err(error) = compiled {
        // Lua counts "\r" as a line end, too.
        let lines = text.matches(['\n', '\r']).count();
        assert!(error.line.is_none_or(|line| (1..=lines + 1).contains(&line)), "{error:?} in {text:?}");
    }
}
