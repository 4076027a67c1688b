//! The language and what its errors say, by examples. Most of what can be asked is asked in `as_go.rs` and `recorded.rs`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, UNIX_EPOCH};

use go_template::{Templates, Value};
use serde_json::json;

fn data() -> Value {
    json!({"n": 1_000_000, "s": "text", "list": [1, "two"], "map": {"b": 2, "a": 1}, "nil": null}).into()
}

fn render(text: &str) -> String {
    let mut templates = Templates::new();
    let parsed = templates.parse("t", text).map_err(|error| error.to_string());
    let rendered = parsed.and_then(|()| templates.execute("t", &data()).map_err(|error| error.to_string()));
    rendered.map_or_else(|error| error, |rendered| rendered.text)
}

fn shows(cases: &[(&str, &str)]) {
    cases.iter().for_each(|(text, wanted)| assert_eq!(render(text), *wanted, "{text}"));
}

#[test]
fn numbers_of_the_data_are_floats() {
    shows(&[
        ("{{ .n }} {{ int .n }} {{ 1000000 }} {{ 1e6 }}", "1e+06 1000000 1000000 1e+06"),
        (
            "{{ eq .n 1000000 }}",
            "template: t:1:3: executing \"t\" at <eq .n 1000000>: error calling eq: incompatible types for comparison: \
             float64 and int",
        ),
        ("{{ .list }} {{ .map }} {{ .nil }} {{ .none }}", "[1 two] map[a:1 b:2] <no value> <no value>"),
    ]);
}

#[test]
fn a_variable_lives_until_its_block_ends_and_an_assignment_lasts() {
    shows(&[
        ("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21"),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
        ("{{ $i := 9 }}{{ range $i, $v := .list }}{{ $i }}{{ end }}{{ $i }}", "019"),
        ("{{ $i := 9 }}{{ range $i = .list }}{{ end }}{{ $i }}", "two"),
        ("{{ if $x := 0 }}{{ else if $y := 2 }}{{ $x }}{{ $y }}{{ end }}", "02"),
        ("{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", "template: t:1: undefined variable \"$x\""),
        ("{{ $x = 1 }}", "template: t:1:8: executing \"t\" at <1>: undefined variable: $x"),
    ]);
}

#[test]
fn loops_are_left_and_continued() {
    shows(&[
        (
            "{{ range $i := 5 }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ if eq $i 3 }}{{ break }}{{ end }}{{ $i }}{{ end }}",
            "02",
        ),
        ("{{ range 3 }}{{ range 3 }}{{ with 1 }}{{ break }}{{ end }}{{ end }}{{ . }}{{ end }}", "012"),
        (
            "{{ range 2 }}{{ range .none }}{{ else }}{{ continue }}{{ end }}x{{ end }}",
            "template: t:1:22: executing \"t\" at <.none>: can't evaluate field none in type int",
        ),
        ("{{ range 2 }}{{ range $.none }}{{ else }}{{ continue }}{{ end }}x{{ end }}y", "y"),
        ("{{ range $k, $v := .map }}{{ $k }}={{ $v }} {{ end }}", "a=1 b=2 "),
        ("{{ range .list }}{{ else }}{{ break }}{{ end }}", "template: t:1: {{break}} outside {{range}}"),
        (
            "{{ range $i, $j := 3 }}{{ end }}",
            "template: t:1:19: executing \"t\" at <3>: can't use 3 to iterate over more than one variable",
        ),
    ]);
}

#[test]
fn an_error_stands_where_go_sees_it() {
    shows(&[
        (
            "a\nb {{ .s.x.y }}",
            "template: t:2:7: executing \"t\" at <.s.x.y>: can't evaluate field x in type interface {}",
        ),
        ("{{ .nil.x }}", "template: t:1:7: executing \"t\" at <.nil.x>: nil pointer evaluating interface {}.x"),
        (
            "{{ $x := .s }}\n{{ $x.y }}",
            "template: t:2:5: executing \"t\" at <$x.y>: can't evaluate field y in type string",
        ),
        ("{{ .s 1 }}", "template: t:1:3: executing \"t\" at <.s>: s is not a method but has arguments"),
        ("{{ (1) 2 }}", "template: t:1:3: executing \"t\" at <(1) 2>: can't give argument to non-function 1"),
        ("{{ nil }}", "template: t:1:3: executing \"t\" at <nil>: nil is not a command"),
        (
            "{{ upper (add 1 2) }}",
            "template: t:1:16: executing \"t\" at <2>: wrong type for value; expected string; got int64",
        ),
        ("{{ if\n\n.x", "template: t:3: unclosed action started at t:1"),
        ("{{ \"a\n\" }}", "template: t:1: unterminated quoted string"),
        ("{{/* a", "template: t:1: unclosed comment"),
        ("{{ 1 | 2 }}", "template: t:1: non executable command in pipeline stage 2"),
        ("{{ end }}", "template: t:1: unexpected {{end}}"),
        ("{{ if 1 }}{{ define \"x\" }}{{ end }}{{ end }}", "template: t:1: unexpected <define> in command"),
        (
            "{{ define \"x\" }}1{{ end }}{{ define \"x\" }}2{{ end }}",
            "template: t:1: template: multiple definition of template \"x\"",
        ),
    ]);
}

#[test]
fn an_error_says_where_in_fields_too() {
    let mut templates = Templates::new();
    let error = templates.parse("t", "a\n{{ .x }}{{ nope }}").unwrap_err();
    assert_eq!((error.line, error.column, error.offset), (2, Some(11), 13));
    assert_eq!(error.message, "function \"nope\" not defined");
    templates.parse("t", "a\n{{ .x }}{{ index 1 2 }}").unwrap();
    let error = templates.execute("t", &data()).unwrap_err();
    let execution = error.execution.unwrap();
    assert_eq!((error.line, error.column, error.offset, execution.node.as_str()), (2, Some(11), 13, "index 1 2"));
}

#[test]
fn a_function_that_is_left_out_says_why() {
    let said = render("{{ genCA \"x\" 1 }}");
    assert!(
        said.starts_with("template: t:1: function \"genCA\" is one of sprig's that is not built in here: "),
        "{said}"
    );
}

#[test]
fn functions_of_the_caller_are_checked_for_their_arguments() {
    let mut templates = Templates::new();
    templates.function_of("twice", 1, |arguments| match arguments {
        [Value::String(text)] => Ok(format!("{text}{text}").into()),
        _ => Err("no text".to_owned()),
    });
    let mut said = |text: &str| {
        templates.parse("t", text).unwrap();
        templates.execute("t", &data()).map_or_else(|error| error.to_string(), |rendered| rendered.text)
    };
    assert_eq!(said("{{ .s | twice }}"), "texttext");
    assert_eq!(said("{{ twice 1 }}"), "template: t:1:3: executing \"t\" at <twice 1>: error calling twice: no text");
    let wanted = "template: t:1:3: executing \"t\" at <twice>: wrong number of args for twice: want 1 got 2";
    assert_eq!(said("{{ twice 1 2 }}"), wanted);
}

#[test]
fn a_template_is_replaced_but_not_by_an_empty_one() {
    let mut templates = Templates::new();
    templates.parse("main", "{{ block \"b\" . }}default{{ end }}").unwrap();
    templates.parse("other", "{{ define \"b\" }} {{/* nothing */}} {{ end }}").unwrap();
    assert_eq!(templates.execute("main", &data()).unwrap().text, "default");
    templates.parse("third", "{{ define \"b\" }}new{{ end }}").unwrap();
    assert_eq!(templates.execute("main", &data()).unwrap().text, "new");
}

#[test]
fn the_time_is_the_callers() {
    let mut templates = Templates::new();
    templates.clock(|| UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    templates
        .parse("t", "{{ now | date \"2006-01-02\" }} {{ (now).Year }} {{ now.Format \"15:04\" }} {{ ago 1699990000 }}")
        .unwrap();
    assert_eq!(templates.execute("t", &data()).unwrap().text, "2023-11-14 2023 22:13 2h46m40s");
    templates.parse("t", "{{ dateInZone \"15:04\" 0 \"Europe/Paris\" }}").unwrap();
    let error = templates.execute("t", &data()).unwrap_err();
    assert!(error.message.ends_with("the time zone \"Europe/Paris\" is not known here: times are written in UTC only"));
}

#[test]
fn without_an_environment_no_variable_is_set() {
    shows(&[("[{{ env \"HOME\" }}{{ expandenv \"$HOME\" }}]", "[]")]);
}

#[test]
fn a_map_that_is_set_is_set_for_all_who_hold_it() {
    shows(&[("{{ $d := dict \"a\" 1 }}{{ $e := list $d }}{{ $_ := set $d \"b\" 2 }}{{ $e }}", "[map[a:1 b:2]]")]);
}

#[test]
fn random_texts_have_their_length_and_their_letters() {
    shows(&[
        (
            "{{ randAlphaNum 9 | regexMatch \"^[0-9A-Za-z]{9}$\" }}{{ randNumeric 3 | regexMatch \"^[0-9]{3}$\" }}",
            "truetrue",
        ),
        ("{{ uuidv4 | regexMatch \"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$\" }}", "true"),
        ("{{ $n := randInt 3 5 }}{{ or (eq $n 3) (eq $n 4) }}{{ shuffle \"aaa\" }}{{ randBytes 3 | len }}", "trueaaa4"),
        ("{{ randAlpha -1 }}{{ randAscii 0 }}", ""),
    ]);
}
