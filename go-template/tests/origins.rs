//! Which byte of which template a rendered byte came from.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use go_template::{Rendered, Templates, Value};

fn render(texts: &[(&str, &str)]) -> Rendered {
    let mut templates = Templates::new();
    texts.iter().for_each(|(name, text)| templates.parse(name, text).unwrap());
    templates.execute(texts[0].0, &Value::map([("hosts", Value::list(["a".into(), "b".into()]))])).unwrap()
}

/// The origin of the first byte of a part of the rendered text: the template, and what stands there in its text.
fn origin<'t>(rendered: &Rendered, texts: &[(&'t str, &'t str)], part: &str) -> (&'t str, &'t str, bool) {
    let origin = rendered.origin(rendered.text.find(part).unwrap());
    let (name, text) = texts.iter().find(|(name, _)| *name == origin.template.as_ref()).unwrap();
    (name, &text[origin.offset..], origin.verbatim)
}

#[test]
fn text_has_its_own_place_and_a_value_that_of_its_action() {
    let texts = [("main", "one {{ index .hosts 1 }} two\r\n  {{- range .hosts }} [{{ . }}]{{ end }}")];
    let rendered = render(&texts);
    assert_eq!(rendered.text, "one b two [a] [b]");
    assert_eq!(origin(&rendered, &texts, "ne b"), ("main", &texts[0].1[1..], true));
    assert_eq!(origin(&rendered, &texts, "b two"), ("main", &texts[0].1[7..], false));
    assert!(origin(&rendered, &texts, "wo [").1.starts_with("wo\r\n"));
    // Each round of a loop is the same text.
    assert!(origin(&rendered, &texts, "[a").1.starts_with("[{{ . }}"));
    assert!(origin(&rendered, &texts, "[b").1.starts_with("[{{ . }}"));
}

#[test]
fn what_another_template_rendered_came_from_that_one() {
    let texts = [
        ("main", "{{ define \"inner\" }}<{{ . }}>{{ end }}({{ template \"other\" .hosts }})"),
        ("other", "{{ range . }}\n- {{ template \"inner\" . }}{{ end }}"),
    ];
    let rendered = render(&texts);
    assert_eq!(rendered.text, "(\n- <a>\n- <b>)");
    assert!(matches!(origin(&rendered, &texts, "- <b"), ("other", "- {{ template \"inner\" . }}{{ end }}", true)));
    let (name, text, verbatim) = origin(&rendered, &texts, "b>");
    assert!(name == "main" && text.starts_with(". }}>") && !verbatim);
    assert_eq!(origin(&rendered, &texts, ">)"), ("main", &texts[0].1[28..], true));
}

#[test]
fn the_bytes_of_a_value_know_where_it_begins() {
    let rendered = render(&[("main", "{{ \"abc\" }}{{ \"def\" }}")]);
    let begins: Vec<usize> = (0..6).map(|offset| rendered.origin(offset).begins).collect();
    assert_eq!(begins, [0, 0, 0, 3, 3, 3]);
}
