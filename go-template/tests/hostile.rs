//! Templates that want more than there is, or are no templates: each ends, with an error that says which bound it met.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use go_template::{Error, Limits, Templates, Value};

fn render(text: &str) -> Result<String, Error> {
    let mut templates = Templates::new();
    templates.parse("t", text)?;
    templates.execute("t", &Value::Nil).map(|rendered| rendered.text)
}

fn refused(text: &str) -> String {
    render(text).unwrap_err().to_string()
}

#[test]
fn a_loop_without_end_ends() {
    let said = refused("{{ range 999999999999 }}\n{{ $x := 1 }}{{ end }}");
    assert!(said.starts_with("template: t:"), "{said}");
    assert!(said.ends_with("more than 20000000 steps, the limit of an execution"), "{said}");
}

#[test]
fn templates_that_call_themselves_end_at_the_depth_of_go() {
    let said = refused("{{ define \"r\" }}{{ template \"r\" }}{{ end }}\n{{ template \"r\" }}");
    let wanted = "template: t:1:28: executing \"r\" at <{{template \"r\"}}>: exceeded maximum template depth (100000)";
    assert_eq!(said, wanted);
}

#[test]
fn ten_megabytes_are_fine_and_a_gigabyte_is_not() {
    assert_eq!(render("{{ range 1000 }}{{ repeat 10000 \"x\" }}{{ end }}").unwrap().len(), 10_000_000);
    let too_long = "a text of more than 67108864 bytes, the limit of an execution";
    for text in [
        "{{ range 1000 }}{{ repeat 1000000 \"x\" }}{{ end }}",
        "{{ repeat 1000000000 \"xxx\" }}",
        "{{ repeat 9223372036854775807 \"xxx\" }}",
        "{{ indent 1000000000 \"x\" }}",
        "{{ replace \"\" (repeat 10000 \"x\") (repeat 10000 \"y\") }}",
        "{{ regexReplaceAll \"\" (repeat 10000 \"y\") (repeat 10000 \"x\") }}",
        "{{ join (repeat 10000 \"x\") (until 10000) }}",
        "{{ $s := \"xx\" }}{{ range 40 }}{{ $s = print $s $s }}{{ end }}",
        "{{ $l := list \"xx\" }}{{ range 26 }}{{ $l = list $l $l }}{{ end }}{{ $l }}",
        "{{ $l := list \"xx\" }}{{ range 26 }}{{ $l = list $l $l }}{{ end }}{{ toJson $l }}",
    ] {
        let said = refused(text);
        assert!(said.ends_with(too_long) || said.ends_with("steps, the limit of an execution"), "{text}: {said}");
    }
}

#[test]
fn work_that_prints_nothing_has_an_end_too() {
    for text in [
        "{{ $x := until 1000000000000 }}",
        "{{ $x := list 1 }}{{ range 60 }}{{ $x = concat $x $x }}{{ end }}",
        "{{ $x := dict \"a\" 1 }}{{ range 60 }}{{ $x = dict \"a\" $x \"b\" $x }}{{ end }}{{ $y := deepCopy $x }}",
        "{{ $x := list 1 }}{{ $y := list 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ $y = list $y $y }}{{ end }}{{ $z := deepEqual $x $y }}",
        "{{ $x := until 100000 }}{{ $y := uniq $x }}",
        "{{ $x := repeat 10000000 \"a\" }}{{ range 1000000 }}{{ $y := contains \"b\" $x }}{{ end }}",
        "{{ range $i := 10000000 }}{{ $y := regexMatch (print $i \"(a|b)*\") \"abab\" }}{{ end }}",
    ] {
        let said = refused(text);
        assert!(said.ends_with("steps, the limit of an execution"), "{text}: {said}");
    }
}

#[test]
fn values_that_are_deep_or_hold_themselves_are_refused() {
    let deep = "{{ $x := list }}{{ range 100000 }}{{ $x = list $x }}{{ end }}";
    for show in
        ["{{ $x }}", "{{ toJson $x | len }}", "{{ printf \"%#v\" $x }}", "{{ $y := deepCopy $x }}", "{{ eq $x $x }}"]
    {
        let said = refused(&format!("{deep}{show}"));
        assert!(said.contains("a value is nested more than 500 deep"), "{show}: {said}");
    }
    let said = refused("{{ $d := dict }}{{ $_ := set $d \"x\" (dict \"y\" (list $d)) }}");
    assert!(said.ends_with("error calling set: a map cannot hold itself (at the key \"x\")"), "{said}");
}

#[test]
fn blocks_may_be_nested_without_end() {
    let many = 100_000;
    assert_eq!(render(&format!("{}x{}", "{{if true}}".repeat(many), "{{end}}".repeat(many))).unwrap(), "x");
    assert_eq!(render(&format!("{{{{if false}}}}{}{{{{end}}}}", "{{else if false}}".repeat(many))).unwrap(), "");
    let said = refused(&"{{with 1}}".repeat(many));
    assert_eq!(said, "template: t:1: unexpected EOF");
}

#[test]
fn parentheses_may_not() {
    let nested = |depth: usize| format!("{{{{ {}1{} }}}}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(render(&nested(100)).unwrap(), "1");
    let said = refused(&nested(100_000));
    assert_eq!(said, "template: t:1: max expression depth exceeded: 100 parentheses inside each other");
}

#[test]
fn limits_are_the_callers() {
    let mut templates = Templates::new();
    templates.limits(Limits { output_bytes: 10, steps: 100, depth: 3 });
    templates.parse("long", "12345678901").unwrap();
    templates.parse("steps", "{{ range 100 }}{{ end }}").unwrap();
    templates.parse("deep", "{{ template \"deep\" }}").unwrap();
    let said = |name: &str| templates.execute(name, &Value::Nil).unwrap_err().message;
    assert_eq!(said("long"), "a text of more than 10 bytes, the limit of an execution");
    assert_eq!(said("steps"), "more than 100 steps, the limit of an execution");
    assert_eq!(said("deep"), "exceeded maximum template depth (3)");
    assert_eq!(said("none"), "no template \"none\"");
}

#[test]
fn a_long_text_without_an_end_is_read_once() {
    let text = format!("{}{{{{ \"", "{{/* c */}}\n".repeat(200_000));
    assert_eq!(refused(&text), "template: t:200001: unterminated quoted string");
}
