//! `modifier/martian`: what a block becomes, and which blocks are refused, with the place and the reason.

use serde_json::{Value, json};

use super::{complaint, read_changed};
use crate::config::{Configuration, Martian, Modifier};

const BLOCK: &str = "$.endpoints[0].backend[0].extra_config[\"modifier/martian\"]";

fn changes(block: Value) -> [(&'static str, Value); 1] {
    [("/endpoints/0/backend/0/extra_config", json!({"modifier/martian": block}))]
}

fn configuration(block: Value) -> Configuration {
    read_changed(&changes(block))
}

fn martian(block: Value) -> Martian {
    *configuration(block).endpoints[0].backends[0].martian.clone().unwrap_or_default()
}

fn set(name: &str) -> Modifier {
    Modifier::SetHeader { name: name.to_owned(), value: "1".to_owned() }
}

fn header(name: &str) -> Value {
    json!({"header.Modifier": {"name": name, "value": "1"}})
}

#[test]
fn a_modifier_is_used_in_the_scopes_that_it_names() {
    let scoped = |scope: Value| martian(json!({"header.Modifier": {"name": "X-A", "value": "1", "scope": scope}}));
    let (on_request, on_response) = (Some(set("x-a")), Some(set("x-a")));
    let both = Martian { on_request: on_request.clone(), on_response: on_response.clone() };
    assert_eq!(scoped(json!(null)), both);
    assert_eq!(scoped(json!(["request", "response"])), both);
    assert_eq!(scoped(json!(["request"])), Martian { on_request, on_response: None });
    assert_eq!(scoped(json!(["response"])), Martian { on_request: None, on_response });
    assert_eq!(scoped(json!([])), Martian::default(), "as in KrakenD");
}

#[test]
fn scopes_of_a_group_hold_beside_those_of_its_members() {
    let group =
        |scope: Value| martian(json!({"fifo.Group": {"scope": scope, "modifiers": [header("a"), header("b")]}}));
    let both = Some(Modifier::Group { all: vec![set("a"), set("b")], goes_on: false });
    assert_eq!(group(json!(["response"])), Martian { on_request: None, on_response: both });
}

#[test]
fn priorities_run_from_the_highest_and_of_equal_ones_the_last_first() {
    let member = |priority: i64, name: &str| json!({"priority": priority, "modifier": header(name)});
    let members = [member(1, "a"), member(5, "b"), member(1, "c"), member(-2, "d"), member(5, "e")];
    let all = ["e", "b", "c", "a", "d"].map(set).to_vec();
    let wanted = Some(Modifier::Group { all, goes_on: false });
    assert_eq!(martian(json!({"priority.Group": {"modifiers": members}})).on_request, wanted);
}

#[test]
fn a_cookie_is_written_as_go_writes_it() {
    let text = |fields: Value| {
        let martian = martian(json!({"cookie.Modifier": fields}));
        let (Some(Modifier::AddCookie(pair)), Some(Modifier::AddHeader { value, .. })) =
            (martian.on_request, martian.on_response)
        else {
            panic!("no cookie")
        };
        (pair, value)
    };
    let all = json!({"name": "a", "value": "b c", "path": "/p", "domain": ".x.test", "maxAge": -1, "secure": true, "httpOnly": true});
    let line = "a=\"b c\"; Path=/p; Domain=x.test; Max-Age=0; HttpOnly; Secure";
    assert_eq!(text(all), ("a=\"b c\"".to_owned(), line.to_owned()));
    assert_eq!(text(json!({"name": "a"})), ("a=".to_owned(), "a=".to_owned()));
}

#[test]
fn hosts_of_responses_and_empty_groups_are_nothing() {
    assert_eq!(martian(header("Host")), Martian { on_request: Some(set("host")), on_response: None });
    assert_eq!(martian(json!({"fifo.Group": {"modifiers": [], "aggregateErrors": true}})), Martian::default());
    assert_eq!(martian(json!({"url.Modifier": {"host": ""}})), Martian::default());
}

#[test]
fn what_cannot_be_sent_or_means_nothing_is_refused() {
    let deep = (0..25).fold(header("a"), |inner, _| json!({"fifo.Group": {"modifiers": [inner]}}));
    let modifier = |fields: Value| json!({"header.Modifier": fields});
    let inner = "[\"fifo.Group\"].modifiers[0]";
    // The block, the place below it, the reason.
    #[rustfmt::skip] // one row a line
    let table: Vec<(Value, &str, &str)> = vec![
        (json!({"fifo.Group": {"modifiers": [{}]}}), inner, "names no modifier (known: fifo.Group, "),
        (json!({"no.Such": {}}), "[\"no.Such\"]", "\"no.Such\" is no modifier (known: fifo.Group, "),
        (json!({"fifo.Group": {"modifiers": [{"no.Such": {}}]}}), "[\"fifo.Group\"].modifiers[0][\"no.Such\"]", "\"no.Such\" is no modifier"),
        (json!({"fifo.Group": {"modifiers": [{"@comment": "x", "header.Id": {}}]}}), inner, "must have one key, the modifier's name, not \"@comment\", \"header.Id\""),
        (json!({"fifo.Group": {"modifiers": ["x"]}}), inner, "must be an object, not the string \"x\""),
        (json!({"fifo.Group": {"modifiers": {}}}), "[\"fifo.Group\"].modifiers", "must be a list, not an object"),
        (json!({"fifo.Group": {"Modifiers": []}}), "[\"fifo.Group\"].Modifiers", "write this key as \"modifiers\""),
        (json!({"fifo.Group": {"aggregateErrors": "x"}}), "[\"fifo.Group\"].aggregateErrors", "must be true or false"),
        (json!({"priority.Group": {"modifiers": [{"priority": 1}]}}), "[\"priority.Group\"].modifiers[0].modifier", "is missing: the modifier that is meant"),
        (json!({"priority.Group": {"modifiers": [{"priority": 1.5, "modifier": header("a")}]}}), "[\"priority.Group\"].modifiers[0].priority", "must be a whole number, not the number 1.5"),
        (modifier(json!({"value": "x"})), "[\"header.Modifier\"].name", "is missing: the name of a header"),
        (modifier(json!({"name": "X A"})), "[\"header.Modifier\"].name", "\"X A\" is no name of a header"),
        (modifier(json!({"name": "X\r\nY"})), "[\"header.Modifier\"].name", "\"X\\r\\nY\" is no name of a header"),
        (modifier(json!({"name": "é"})), "[\"header.Modifier\"].name", "\"é\" is no name of a header"),
        (modifier(json!({"name": ":path"})), "[\"header.Modifier\"].name", "\":path\" is no name of a header"),
        (modifier(json!({"name": ""})), "[\"header.Modifier\"].name", "\"\" is no name of a header"),
        (modifier(json!({"name": "A", "value": "1\r\nX: 2"})), "[\"header.Modifier\"].value", "has a line break or another control character"),
        (modifier(json!({"name": "A", "value": 1})), "[\"header.Modifier\"].value", "must be a string, not the number 1"),
        (modifier(json!({"name": "Content-Length", "value": "3"})), "[\"header.Modifier\"].name", "Content-Length and Transfer-Encoding say how the body travels"),
        (modifier(json!({"name": "x-envoy-retry-on", "value": "5xx"})), "[\"header.Modifier\"].name", "is a header by which Envoy and this filter work"),
        (modifier(json!({"name": "X-Lua-Modifier-Cluster", "value": "a"})), "[\"header.Modifier\"].name", "is a header by which Envoy and this filter work"),
        (modifier(json!({"name": "Host", "value": "a/b"})), "[\"header.Modifier\"].value", "\"a/b\" is not a host"),
        (modifier(json!({"name": "A", "scope": ["both"]})), "[\"header.Modifier\"].scope[0]", "unknown scope \"both\" (known: request, response)"),
        (modifier(json!({"name": "A", "scope": "request"})), "[\"header.Modifier\"].scope", "must be a list"),
        (json!({"status.Modifier": {"statusCode": 201, "scope": ["request"]}}), "[\"status.Modifier\"].scope[0]", "status.Modifier cannot be used in the scope request"),
        (json!({"querystring.Modifier": {"name": "a", "scope": ["response"]}}), "[\"querystring.Modifier\"].scope[0]", "querystring.Modifier cannot be used in the scope response"),
        (json!({"status.Modifier": {}}), "[\"status.Modifier\"].statusCode", "is missing"),
        (json!({"status.Modifier": {"statusCode": 99}}), "[\"status.Modifier\"].statusCode", "must be a status from 200 to 599"),
        (json!({"header.Copy": {"from": "A"}}), "[\"header.Copy\"].to", "is missing: the name of a header"),
        (json!({"header.Copy": {"from": "Transfer-Encoding", "to": "A"}}), "[\"header.Copy\"].from", "say how the body travels"),
        (json!({"header.Blacklist": {"names": ["A", "B C"]}}), "[\"header.Blacklist\"].names[1]", "\"B C\" is no name of a header"),
        (json!({"header.Id": {"header": "Host"}}), "[\"header.Id\"].header", "Host cannot carry an identifier"),
        (json!({"header.RegexFilter": {"header": "A", "regex": "(", "modifier": header("a")}}), "[\"header.RegexFilter\"].regex", "\"(\" is no regular expression that is supported here"),
        (json!({"header.RegexFilter": {"header": "A", "regex": "a"}}), "[\"header.RegexFilter\"].modifier", "is missing"),
        (json!({"body.Modifier": {"body": "no base64!"}}), "[\"body.Modifier\"].body", "must be written in base64"),
        (json!({"body.Modifier": {"body": "YQ"}}), "[\"body.Modifier\"].body", "must be written in base64"),
        (json!({"body.Modifier": {"body": "YWFh".repeat(400_000)}}), "[\"body.Modifier\"].body", "has 1200000 bytes, and a body may have 1048576 (limits.body_bytes)"),
        (json!({"url.Modifier": {"host": "other"}}), "[\"url.Modifier\"].host", "cannot be changed by url.Modifier here"),
        (json!({"url.Modifier": {"path": "x"}}), "[\"url.Modifier\"].path", "\"x\" must begin with \"/\""),
        (json!({"cookie.Modifier": {"name": "a;"}}), "[\"cookie.Modifier\"].name", "\"a;\" is no name of a cookie"),
        (json!({"cookie.Modifier": {"name": "a", "value": "b;c"}}), "[\"cookie.Modifier\"].value", "has ';', which a cookie's value cannot have"),
        (json!({"cookie.Modifier": {"name": "a", "path": "/\n"}}), "[\"cookie.Modifier\"].path", "has '\\n', which a cookie's path cannot have"),
    ];
    for (block, place, reason) in table {
        let (at, told) = (format!("configuration: {BLOCK}{place}: "), complaint(&changes(block)));
        assert!(told.starts_with(&at) && told.contains(reason), "{at}{reason}\n{told}");
    }
    assert!(complaint(&changes(deep)).ends_with("lies in more than 20 groups and filters"));
}

#[test]
fn thousands_of_groups_in_each_other_are_refused() {
    let text = super::document(&changes(json!("HERE"))).to_string();
    let (open, close) = ("{\"fifo.Group\": {\"modifiers\": [".repeat(5000), "]}}".repeat(5000));
    let text = text.replace("\"HERE\"", &format!("{open}{}{close}", header("a")));
    let told = crate::config::read(text.as_bytes()).map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("recursion limit"), "{told}");
}

#[test]
fn what_is_not_served_is_told_with_its_place_and_the_rest_is_done() {
    let filter = json!({"cookie.Filter": {"name": "a", "modifier": header("b")}});
    let blacklist = json!({"header.Blacklist": {"names": ["Content-Length", "X-A"], "scope": ["request"]}});
    let read = configuration(json!({"fifo.Group": {"modifiers": [filter, blacklist]}}));
    let wanted = [
        format!(
            "{BLOCK}[\"fifo.Group\"].modifiers[0][\"cookie.Filter\"]: cookie.Filter is not supported here and has no effect"
        ),
        format!(
            "{BLOCK}[\"fifo.Group\"].modifiers[1][\"header.Blacklist\"].names[0]: \"Content-Length\" says how the body travels, which nobody can take away: it stays"
        ),
    ];
    assert_eq!(read.warnings, wanted.map(|line| format!("configuration: {line}")));
    let removed = Some(Modifier::RemoveHeaders(vec!["x-a".to_owned()]));
    assert_eq!(read.endpoints[0].backends[0].martian.as_ref().unwrap().on_request, removed);
}

#[test]
fn the_host_stays_where_a_dynamic_cluster_may_go_by_it() {
    let ours = ("/extra_config", json!({"envoy/lua-modifier": {"default_cluster": "any"}}));
    let [block] = changes(header("Host"));
    let told = complaint(&[ours, block.clone()]);
    assert!(told.contains("[\"header.Modifier\"].name: Host cannot be changed where default_cluster serves"), "{told}");
    let ours = json!({"envoy/lua-modifier": {"default_cluster": "any", "clusters": {"http://api": "api"}}});
    assert!(read_changed(&[("/extra_config", ours), block]).endpoints[0].backends[0].martian.is_some());
}
