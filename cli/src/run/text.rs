//! Writes the story of an exchange as text for people: from the request down to the response.

use std::fmt::Write;

use serde_json::Value;

use super::reason::named;
use super::request::Shown;
use crate::difference;
use crate::paint::{bold, dim, green, red, yellow};
use crate::play::{Change, Edited, Failure, Fault, Half, Happening, LogLine, Message, Note, Received, Sent, Story};

/// The whole story. If the user gave rules, it also says which rule made an answer, or that none fits.
pub(super) fn of(request: &Shown, story: &Story, by_rules: bool) -> String {
    let mut out = match request {
        Shown::Request { method, path, headers, body } => {
            let mut out = format!("{}\n", bold(format!("{method} {path}")));
            message(&mut out, "  ", headers, body);
            out
        }
        Shown::Message { agent, body } => {
            let mut out = format!("{}\n", bold(format!("message for {agent}")));
            message(&mut out, "  ", &[], body);
            out
        }
    };
    match &story.endpoint {
        _ if story.acknowledged.is_some() => {}
        Some(endpoint) => out += &format!("  {} {endpoint}\n", dim("endpoint")),
        None => out += &format!("  {}\n", yellow("meets no endpoint: path and method must fit")),
    }
    events(&mut out, story, by_rules);
    out.push('\n');
    match &story.response {
        _ if story.acknowledged == Some(true) => writeln!(out, "{}", green(bold("acknowledged"))).unwrap_or_default(),
        _ if story.acknowledged == Some(false) => {
            let why = story.rejection().unwrap_or("the module broke off");
            writeln!(out, "{} {why}", red(bold("rejected:"))).unwrap_or_default();
        }
        Some(response) => {
            let status = response.status;
            let text = named(status);
            writeln!(out, "{}", if status < 400 { green(bold(text)) } else { red(bold(text)) }).ok();
            message(&mut out, "  ", &response.headers, &response.body);
        }
        None => out += &format!("{}\n", red("the connection to the client breaks off")),
    }
    out
}

fn events(out: &mut String, story: &Story, by_rules: bool) {
    let mut in_log = false;
    for event in story.events.iter().filter(|event| tells_something(event, story)) {
        let log = matches!(event, Happening::Log(_));
        if !(log && in_log) {
            out.push('\n');
        }
        in_log = log;
        match event {
            Happening::Stage(half) => *out += &half_of(half, by_rules),
            Happening::Sent(sent) => *out += &sent_of(sent, "", by_rules),
            Happening::Martian(edited) => *out += &edited_of(edited),
            Happening::Log(line) => *out += &log_of(line),
        }
    }
}

// The story of a request that the gateway sent to itself.
fn inside(story: &Story, indent: &str, by_rules: bool) -> String {
    let mut told = match &story.endpoint {
        Some(endpoint) => format!("{} {endpoint}\n", dim("this gateway, endpoint")),
        None => format!("{}\n", yellow("this gateway: meets no endpoint")),
    };
    events(&mut told, story, by_rules);
    told.lines().map(|line| format!("{indent}   | {line}").trim_end().to_owned() + "\n").collect()
}

// A half without scripts does nothing, and a log line that repeats a script's failure tells nothing new.
fn tells_something(event: &Happening, story: &Story) -> bool {
    match event {
        Happening::Stage(half) => !half.scripts.is_empty() || half.failure.is_some(),
        Happening::Sent(_) => true,
        Happening::Martian(edited) => !edited.changes.is_empty(),
        Happening::Log(line) => {
            let mut failures = story.halves().filter_map(|half| half.failure.as_ref());
            !failures.any(|failure| line.text.ends_with(&failure.message))
        }
    }
}

fn half_of(half: &Half, by_rules: bool) -> String {
    let time = format!("{}.{:03} ms", half.microseconds / 1000, half.microseconds % 1000);
    let title = bold(format!("{} {}", half.kind, half.half));
    let mut out = format!("{title}  {}\n", dim(format!("{time}  {}: {}", half.at, half.scripts.join(", "))));
    for note in &half.notes {
        match note {
            Note::Print { text } => out += &indented(&format!("{} ", dim("print")), "        ", text),
            Note::Sent(sent) => out += &sent_of(sent, "  ", by_rules),
        }
    }
    half.changes.iter().for_each(|change| out += &change_of(change));
    if let Some(failure) = &half.failure {
        out += &failure_of(failure);
    }
    if half.notes.is_empty() && half.changes.is_empty() && half.failure.is_none() {
        out += &format!("  {}\n", dim("changes nothing"));
    }
    out
}

fn edited_of(edited: &Edited) -> String {
    let title = bold("martian");
    let mut out = format!("{title}  {}\n", dim(format!("backend {}", edited.backend.saturating_add(1))));
    edited.changes.iter().for_each(|change| out += &change_of(change));
    out
}

fn indented(first: &str, others: &str, text: &str) -> String {
    let mut out = String::new();
    for (index, line) in text.split('\n').enumerate() {
        out += &if index == 0 { format!("  {first}{line}\n") } else { format!("{others}{line}\n") };
    }
    out
}

fn change_of(change: &Change) -> String {
    let Change { of, field, key, before, after } = change;
    let what = key.as_ref().map_or(format!("{of} {field}"), |key| format!("{of} {field} {key}"));
    let large = |value: &Option<Value>| match value {
        Some(Value::Object(_) | Value::Array(_)) => key.is_none(),
        Some(Value::String(text)) => text.contains('\n') || text.len() > 60,
        _ => false,
    };
    if large(before) || large(after) {
        let lines = |value: &Option<Value>| {
            value.as_ref().map(|value| format!("{}\n", difference::pretty(&as_json(value)))).unwrap_or_default()
        };
        return format!("  {what}\n{}", difference::of_texts(&lines(before), &lines(after), "    "));
    }
    let words = |value: &Value| match value {
        Value::Array(values) => values.iter().map(difference::pretty).collect::<Vec<_>>().join(", "),
        value => difference::pretty(value),
    };
    match (before, after) {
        (Some(before), Some(after)) => format!("  {what}: {} -> {}\n", red(words(before)), green(words(after))),
        (None, Some(after)) => format!("{}\n", green(format!("  + {what}: {}", words(after)))),
        (Some(before), None) => format!("{}\n", red(format!("  - {what}: {}", words(before)))),
        (None, None) => String::new(),
    }
}

// A body that is JSON, as a value, so that it is compared field by field.
fn as_json(value: &Value) -> Value {
    let read = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    read.filter(|read| read.is_object() || read.is_array()).unwrap_or_else(|| value.clone())
}

fn failure_of(failure: &Failure) -> String {
    let status = failure.status.map(|status| format!(" ({status})")).unwrap_or_default();
    let mut out = format!("  {} {}\n", red(bold(format!("failed{status}:"))), failure.message);
    if let Some(place) = &failure.place {
        out += &format!("    {}\n    {} {}\n", dim(&place.script), dim(format!("{:>4} |", place.line)), place.text);
    }
    out
}

fn log_of(line: &LogLine) -> String {
    let level = match line.level.as_str() {
        "error" | "critical" => red(&line.level),
        "warning" => yellow(&line.level),
        level => dim(level),
    };
    format!("{} {level} {}\n", dim("log"), line.text)
}

fn sent_of(sent: &Sent, indent: &str, by_rules: bool) -> String {
    if let Some(why) = &sent.refused {
        return format!("{indent}{} a call to the cluster {}: {why}\n", red("refused"), sent.cluster);
    }
    let line = format!("{} http://{}{}", sent.method, sent.host, sent.path);
    let number = sent.backend.map_or(1, |number| number.saturating_add(1));
    let how = match (sent.purpose.as_str(), sent.by.as_str()) {
        ("route", _) => "along Envoy's other routes; none is here".to_owned(),
        ("backend", "route") => format!("backend {number} by the route, cluster {}", sent.cluster),
        ("backend", _) => format!("backend {number} by a call, cluster {}", sent.cluster),
        ("shadow", _) => {
            format!("backend {number}, a shadow for which nobody waits, by a call, cluster {}", sent.cluster)
        }
        (purpose, _) => format!("{purpose} request, cluster {}", sent.cluster),
    };
    let mut out = format!("{indent}{} {line}  {}\n", bold("->"), dim(how));
    let inner = format!("{indent}     ");
    message(&mut out, &inner, &sent.headers, &sent.body);
    if let Some(story) = &sent.gateway {
        out += &inside(story, indent, by_rules);
    }
    if let Some(answer) = &sent.answer {
        received(&mut out, indent, answer, by_rules, sent.gateway.is_some());
    }
    out
}

fn received(out: &mut String, indent: &str, answer: &Received, by_rules: bool, is_own: bool) {
    let from = match answer.rule {
        Some(rule) => format!("rule {rule}"),
        None if is_own => String::new(),
        None if by_rules => "no rule fits".to_owned(),
        None => String::new(),
    };
    let after = if answer.delay_ms > 0 { format!("after {} ms", answer.delay_ms) } else { String::new() };
    let details = [after, from].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    let what = match (&answer.fault, &answer.response) {
        (Some(Fault::Refused), _) => red("connection refused"),
        (Some(Fault::Timeout), _) => red("no answer"),
        (Some(Fault::Reset), _) => red("connection reset"),
        (None, Some(Message { status, .. })) if *status < 400 => green(status),
        (None, Some(Message { status, .. })) => yellow(status),
        (None, None) => String::new(),
    };
    let details = if details.is_empty() { String::new() } else { format!("  {}", dim(details)) };
    writeln!(out, "{indent}{} {what}{details}", bold("<-")).ok();
    if let Some(response) = &answer.response {
        message(out, &format!("{indent}     "), &response.headers, &response.body);
    }
}

fn message(out: &mut String, indent: &str, headers: &[(String, String)], body: &str) {
    for (name, value) in headers {
        writeln!(out, "{indent}{} {value}", dim(format!("{name}:"))).ok();
    }
    for line in body.lines() {
        writeln!(out, "{indent}{line}").ok();
    }
}
