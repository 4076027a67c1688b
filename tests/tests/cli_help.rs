//! The command's own descriptions: completions that shells accept, and manual pages.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use tests::command::call;

/// The output of the command, which must succeed.
fn printed(arguments: &[&str]) -> String {
    let said = call(Path::new("."), arguments);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{arguments:?}");
    said.out
}

/// Gives a text to a program; none if the program is not installed.
fn given_to(program: &str, arguments: &[&str], text: &str) -> Option<(bool, String)> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut stdin = child.stdin.take().unwrap();
    let text = text.to_owned();
    let writing = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writing.join().unwrap(); // it need not read to the end
    Some((output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()))
}

#[test]
fn shells_accept_the_completions() {
    for (shell, mark) in
        [("bash", "complete -F"), ("zsh", "#compdef lua-modifier"), ("fish", "complete -c lua-modifier")]
    {
        let script = printed(&["completions", shell]);
        assert!(script.contains(mark) && script.contains("serve"), "{shell}");
        if let Some((accepted, said)) = given_to(shell, &["-n"], &script) {
            assert!(accepted && said.is_empty(), "{shell}: {said}");
        } else {
            assert_ne!(shell, "bash", "bash is there wherever these tests run");
        }
    }
    let said = call(Path::new("."), &["completions", "dosbatch"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("bash, elvish, fish"), "{}", said.err);
}

#[test]
fn bash_completes_commands_and_options() {
    let script = printed(&["completions", "bash"]);
    let ask = "\nCOMP_WORDS=(lua-modifier serve --lis); COMP_CWORD=2\n\
               _lua__modifier lua-modifier --lis serve; echo \"${COMPREPLY[@]}\"\n";
    assert_eq!(given_to("bash", &[], &format!("{script}{ask}")).unwrap(), (true, "--listen\n".to_owned()));
}

#[test]
fn manual_pages_have_their_sections_and_can_be_set() {
    let page = printed(&["man"]);
    for part in [
        ".TH lua-modifier 1",
        ".SH NAME",
        ".SH SYNOPSIS",
        ".SH OPTIONS",
        ".SH SUBCOMMANDS",
        "lua\\-modifier\\-serve(1)",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let page = printed(&["man", "serve"]);
    for part in [".TH lua-modifier-serve 1", "\\-\\-listen", "\\-\\-backend", "\\-\\-wasm", "Examples:"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    if let Some((_, said)) = given_to("groff", &["-man", "-Tascii", "-P-cbou", "-ww"], &page) {
        assert!(said.contains("SYNOPSIS") && !said.contains("warning"), "{said}");
    }
    let said = call(Path::new("."), &["man", "nothing"]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(said.err.contains("\"nothing\" is no command"), "{}", said.err);
}
