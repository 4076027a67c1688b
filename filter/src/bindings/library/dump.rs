//! `debug.dump`: writes a value with the types of its parts, as a tree, to the log at debug level, and to the observer of
//! printed lines, if there is one. The tree looks as in KrakenD's Enterprise edition; each of its lines is a line of the log.

use log::Level;
use mlua::{Lua, Value};

use crate::bindings::arguments::{Arguments, Method, MethodError, MethodResult};
use crate::bindings::convert::to_written;
use crate::bindings::functions::say;
use crate::bindings::http_response::LuaResponse;
use crate::bindings::kept;
use crate::bindings::message_methods::{Handle, listed};
use crate::bindings::messages::{Context, ProxyRequest, ProxyResponse};
use crate::bindings::scope::scope_of;
use crate::data::{List, Str, Table, Value as Data};
use crate::http::{one_line, without_credentials};
use crate::lua::{object as object_of, work};

pub(super) const FUNCTIONS: [(&str, Method); 1] = [("debug.dump", dump)];

/// `debug.dump(value, comment)`
fn dump(lua: &Lua, args: &Arguments) -> MethodResult {
    let value = args.required(1)?;
    let comment = if args.is_absent(2) { String::new() } else { args.text(2)? };
    let scope = scope_of(lua)?;
    let is_heard = scope.on_print.is_some() || log::log_enabled!(Level::Debug);
    if !is_heard || scope.print_left.get().is_none() {
        return Ok(None);
    }
    let mut tree = Tree { lines: Vec::new(), room: ROOM };
    tree.add(0, "Dumping", &if comment.is_empty() { String::new() } else { format!(" \"{}\"", one_line(&comment)) });
    match data(value)? {
        Some(data) => tree.show(0, "", &data),
        None => tree.add(0, "", &format!("{0} ({0})", value.type_name())),
    }
    work(ROOM.saturating_sub(tree.room))?;
    for line in &tree.lines {
        say(Some(&scope), Level::Debug, line.as_bytes());
    }
    Ok(None)
}

/// The parts of a value; `None` if it has no parts that can be shown.
fn data(value: &Value) -> Result<Option<Data>, MethodError> {
    let Value::UserData(object) = value else {
        return to_written(value);
    };
    if let Some(request) = object_of::<Handle<ProxyRequest>>(object) {
        return request_of(request).map(Some);
    }
    if let Some(response) = object_of::<Handle<ProxyResponse>>(object) {
        return response_of(response).map(Some);
    }
    if let Some(context) = object_of::<Handle<Context>>(object) {
        return context_of(context).map(Some);
    }
    if let Some(response) = object_of::<LuaResponse>(object) {
        let (status, headers) = response.with(|seen| (seen.status, listed(&seen.headers)));
        return Ok(Some(map([("headers", Data::Table(headers?)), ("statusCode", f64::from(status).into())])));
    }
    to_written(value)
}

fn map<const N: usize>(fields: [(&str, Data); N]) -> Data {
    let table = Table::new();
    fields.into_iter().for_each(|(name, value)| table.set(Str::from(name), value));
    Data::Table(table)
}

fn in_use(_: std::cell::BorrowError) -> MethodError {
    MethodError::new("the message is in use")
}

fn text(bytes: &[u8]) -> Result<Data, MethodError> {
    Ok(Data::String(kept::string(bytes)?))
}

fn request_of(request: &Handle<ProxyRequest>) -> Result<Data, MethodError> {
    let request = request.0.try_borrow().map_err(in_use)?;
    let url = request.url.as_ref().map(|url| without_credentials(&url.written())).unwrap_or_default();
    Ok(map([
        ("headers", Data::Table(listed(&request.headers)?)),
        ("method", text(request.method.as_bytes())?),
        ("params", Data::Table(kept::table(request.param_pairs())?)),
        ("path", text(&request.path)?),
        ("query", text(request.query.encode().as_bytes())?),
        ("url", text(url.as_bytes())?),
    ]))
}

fn response_of(response: &Handle<ProxyResponse>) -> Result<Data, MethodError> {
    let response = response.0.try_borrow().map_err(in_use)?;
    Ok(map([
        ("data", Data::Table(response.data.table().clone())),
        ("headers", Data::Table(listed(&response.headers)?)),
        ("isComplete", response.complete.into()),
        ("statusCode", (response.status as f64).into()),
    ]))
}

fn context_of(context: &Handle<Context>) -> Result<Data, MethodError> {
    let context = context.0.try_borrow().map_err(in_use)?;
    let query = context.url.as_ref().and_then(|url| url.query.clone()).unwrap_or_default();
    let url = context.url.as_ref().map(|url| without_credentials(&url.written())).unwrap_or_default();
    Ok(map([
        ("headers", Data::Table(listed(&context.headers)?)),
        ("host", text(context.host.as_bytes())?),
        ("method", text(context.method.as_bytes())?),
        ("params", Data::Table(kept::table(context.param_pairs())?)),
        ("query", text(query.as_bytes())?),
        ("url", text(url.as_bytes())?),
    ]))
}

/// The most bytes of a dump.
const ROOM: usize = 65_536;

/// The most levels of a dump: data may contain itself.
const DEEPEST: usize = 32;

/// The most bytes of a text that are shown.
const SHOWN: usize = 1_024;

/// A tree as lines.
struct Tree {
    lines: Vec<String>,
    room: usize,
}

impl Tree {
    fn add(&mut self, depth: usize, label: &str, text: &str) {
        let line = format!("{}{label}{text}", "  ".repeat(depth));
        match self.room.checked_sub(line.len().saturating_add(1)) {
            Some(left) => {
                self.room = left;
                self.lines.push(line);
            }
            None if self.room > 0 => {
                self.room = 0;
                self.lines.push("…".to_owned());
            }
            None => {}
        }
    }

    fn show(&mut self, depth: usize, label: &str, value: &Data) {
        let (text, kind) = match value {
            Data::Table(table) => {
                self.add(depth, label, "(map)");
                let fields = table.entries();
                return self.show_all(depth, fields.iter().map(|(key, value)| (cut(key), value)));
            }
            Data::List(list) => match texts(list) {
                Some(texts) => (texts, "[]string"),
                None => {
                    self.add(depth, label, "(list)");
                    let items = list.items();
                    return self.show_all(depth, items.iter().enumerate().map(|(at, value)| (at.to_string(), value)));
                }
            },
            Data::String(text) => (cut(text), "string"),
            Data::Bool(value) => (value.to_string(), "bool"),
            Data::Null => ("nil".to_owned(), "nil"),
            Data::Number(number) if number.is_writable() => {
                let mut digits = Vec::new();
                number.write(&mut digits);
                (String::from_utf8_lossy(&digits).into_owned(), "float64")
            }
            Data::Number(number) => (number.as_f64().to_string(), "float64"),
        };
        self.add(depth, label, &format!("{text} ({kind})"));
    }

    fn show_all<'a>(&mut self, depth: usize, parts: impl Iterator<Item = (String, &'a Data)>) {
        let depth = depth.saturating_add(1);
        if depth > DEEPEST {
            return self.add(depth, "", "…");
        }
        for (name, value) in parts {
            if self.room == 0 {
                return;
            }
            self.show(depth, &format!("{name}: "), value);
        }
    }
}

fn cut(text: &Str) -> String {
    let bytes = text.as_bytes();
    let shown = one_line(&String::from_utf8_lossy(bytes.get(..SHOWN).unwrap_or(bytes)));
    if bytes.len() > SHOWN { format!("{shown}... ({} bytes)", bytes.len()) } else { shown }
}

/// `[a b]`, if a list is not empty and holds only texts.
fn texts(list: &List) -> Option<String> {
    let mut all = String::new();
    for item in list.items() {
        let Data::String(text) = item else { return None };
        if all.len() > SHOWN {
            all.push_str(" ...");
            break;
        }
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(&cut(&text));
    }
    (!list.is_empty()).then(|| format!("[{all}]"))
}
