//! Environment variables as scripts see them.

use super::state::TestState;

#[test]
fn a_variable_that_is_given_is_seen_and_no_other() {
    let state = TestState::with(true, &[], &[("API_KEY", "k"), ("EMPTY", "")]);
    assert_eq!(
        state.run("return os.getenv('API_KEY'), os.getenv('EMPTY'), os.getenv('PATH'), os.getenv('api_key')"),
        "k nil nil nil"
    );
    assert!(state.run("os.getenv()").contains("script:1: bad argument #1 to getenv (string expected, got nil)"));
    assert_eq!(TestState::with(false, &[], &[("K", "v")]).run("return os"), "nil");
}

#[test]
fn what_a_script_sets_is_its_stage_s_own() {
    let state = TestState::with(true, &[], &[("K", "given")]);
    let source = "local ok = os.setenv('K', 'mine') os.setenv('N', 5) return ok, os.getenv('K'), os.getenv('N')";
    let environment = state.environment(source);
    assert_eq!(state.run_in(&environment, source), "true mine 5");
    assert_eq!(state.run_in(&environment, "os.setenv('N', '') return os.getenv('K'), os.getenv('N')"), "mine nil");
    assert_eq!(state.run("return os.getenv('K'), os.getenv('N')"), "given nil");
    for (name, value) in [("''", "'v'"), ("'a=b'", "'v'"), ("'a\\0'", "'v'"), ("'a'", "'\\0'")] {
        assert_eq!(state.run(&format!("return os.setenv({name}, {value})")), "nil setenv: invalid argument", "{name}");
    }
}
