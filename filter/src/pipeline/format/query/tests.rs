//! Expressions and their results, within the limits.

use super::apply;
use crate::config::{Limits, read};
use crate::data::{Table, Value, parse, write, write_table};

/// Reads the expression through a configuration, as in real use.
fn expression(text: &str) -> (crate::config::Expression, Limits) {
    let quoted = Value::from(text);
    let quoted = String::from_utf8(write(&quoted, 1 << 20).unwrap()).unwrap();
    let document = format!(
        r#"{{"version": 3, "endpoints": [{{"endpoint": "/t", "backend": [{{"host": ["http://up"], "url_pattern": "/"}}],
            "extra_config": {{"modifier/jmespath": {{"expr": {quoted}}}}}}}]}}"#
    );
    let read = read(document.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
    let endpoint = read.endpoints.into_iter().next().unwrap();
    (endpoint.jmespath.unwrap(), *endpoint.limits)
}

fn table(json: &str) -> Table {
    let Ok(Value::Table(table)) = parse(json) else { panic!("{json}") };
    table
}

fn found(text: &str, json: &str) -> String {
    let (expression, limits) = expression(text);
    match apply(&expression, &table(json), &limits) {
        Ok(table) => String::from_utf8(write_table(&table, 1 << 20).unwrap()).unwrap(),
        Err(failure) => failure.to_string(),
    }
}

const DATA: &str = r#"{"students":[{"name":"Bill","age":23},{"name":"Mary","age":16},{"name":"Jessica","age":19}],
    "a":[[1,2],[3,[4]],5],"o":{"x":{"n":1},"y":{"n":2},"z":3},"s":"text","n":null,"e":[]}"#;

#[test]
fn expressions_are_evaluated_as_jmespath_says() {
    let rows = [
        ("students[?age > `18`].name", r#"{"collection":["Bill","Jessica"]}"#),
        ("s", r#"{"content":"text"}"#),
        ("nothing.at.all", r#"{"content":null}"#),
        ("o", r#"{"x":{"n":1},"y":{"n":2},"z":3}"#),
        ("o.*.n", r#"{"collection":[1,2]}"#),
        ("a[]", r#"{"collection":[1,2,3,[4],5]}"#),
        ("a[][]", r#"{"collection":[1,2,3,4,5]}"#),
        ("a[0:2][]", r#"{"collection":[1,2,3,[4]]}"#),
        ("students[::-1].name", r#"{"collection":["Jessica","Mary","Bill"]}"#),
        ("students[-1].name", r#"{"content":"Jessica"}"#),
        (
            "[students,e][] | {all: @}",
            r#"{"all":[{"age":23,"name":"Bill"},{"age":16,"name":"Mary"},{"age":19,"name":"Jessica"}]}"#,
        ),
        (
            "students[*].{n: name, old: age >= `19` && age < `100`}",
            r#"{"collection":[{"n":"Bill","old":true},{"n":"Mary","old":false},{"n":"Jessica","old":true}]}"#,
        ),
        ("sort_by(students, &age)[*].age", r#"{"collection":[16,19,23]}"#),
        ("max_by(students, &age).name", r#"{"content":"Bill"}"#),
        ("{m: min(students[*].age), s: sum(students[*].age), v: avg(e)}", r#"{"m":16,"s":58,"v":null}"#),
        ("map(&age, students)", r#"{"collection":[23,16,19]}"#),
        ("join('-', sort(students[*].name))", r#"{"content":"Bill-Jessica-Mary"}"#),
        (
            "[length(s), length(a), reverse(s), to_string(o.x), to_number('1.5'), type(n)]",
            r#"{"collection":[4,3,"txet","{\"n\":1}",1.5,"null"]}"#,
        ),
        (
            "[contains(s, 'ex'), contains(a[1], `3`), starts_with(s, 't'), ends_with(s, 'x'), !s, s || 'x', n || 'x']",
            r#"{"collection":[true,true,true,false,false,"text","x"]}"#,
        ),
        ("merge(o.x, {m: `{\"k\": [1, 2.5]}`})", r#"{"m":{"k":[1,2.5]},"n":1}"#),
        ("keys(o)", r#"{"collection":["x","y","z"]}"#),
        ("not_null(n, nothing, s)", r#"{"content":"text"}"#),
        ("[abs(`-1`), ceil(`1.2`), floor(`1.8`), to_array(s), values(o.x)]", r#"{"collection":[1,2,1,["text"],[1]]}"#),
        ("s < `1`", r#"{"content":null}"#),
        ("o == `{\"x\": {\"n\": 1}, \"y\": {\"n\": 2.0}, \"z\": 3}`", r#"{"content":true}"#),
    ];
    for (text, data) in rows {
        assert_eq!(found(text, DATA), data, "{text}");
    }
}

#[test]
fn what_cannot_be_done_is_an_error() {
    let rows = [
        ("abs(s)", "modifier/jmespath: abs(): argument 1 must be number, not string"),
        ("nonsense(s)", "modifier/jmespath: there is no function nonsense()"),
        ("length(s, s)", "modifier/jmespath: length(): takes 1 arguments, not 2"),
        ("sort(a)", "modifier/jmespath: sort(): sorts numbers or strings, not array beside array"),
        ("students[::0]", "modifier/jmespath: the step of a slice is 0"),
        ("map(s, a)", "modifier/jmespath: map(): argument 1 must be an expression (&…), not string"),
    ];
    for (text, words) in rows {
        assert_eq!(found(text, DATA), words, "{text}");
    }
}

#[test]
fn what_grows_without_end_meets_a_limit() {
    let doubled = format!("[{}]{}", "s,".repeat(200) + "s", "| [@, @][]".repeat(30));
    assert!(found(&doubled, DATA).contains("(limits.memory_bytes)"), "{}", found(&doubled, DATA));
    let quoted = format!("[s]{}", " | [to_string([@, @])]".repeat(40));
    assert!(found(&quoted, DATA).contains("(limits.memory_bytes)"), "{}", found(&quoted, DATA));
    let long = format!("{{\"l\":[{}]}}", vec!["[1,2,3,4,5,6,7,8,9,10]"; 100_000].join(","));
    let again = format!("l{}", " | map(&contains(@, `11`), @) | [@, @][] | map(&[@, `1`], @)".repeat(20));
    let (expression, mut limits) = expression(&again);
    limits.memory_bytes = 0;
    let told = apply(&expression, &table(&long), &limits).unwrap_err().to_string();
    assert!(told.contains("(limits."), "{told}");
}

#[test]
fn data_that_contains_itself_is_refused_where_it_is_compared() {
    let root = table("{}");
    root.set("me".into(), Value::Table(root.clone()));
    let (expression, limits) = expression("me == me.me");
    let told = apply(&expression, &root, &limits).unwrap_err().to_string();
    assert!(told.contains("contain itself"), "{told}");
    root.clear();
}
