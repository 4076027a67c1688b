//! Random scripts, built from a grammar so that most of them compile and do something. Knows which functions scripts can call,
//! but not what they do.

use arbitrary::{Result, Unstructured};

/// A script of some statements.
pub(crate) fn script(bytes: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::new();
    block(bytes, &mut text, 4)?;
    Ok(text)
}

const VALUES: [&str; 39] = [
    "nil",
    "true",
    "0",
    "-1",
    "1",
    "2.5",
    "1e300",
    "0/0",
    "1/0",
    "2^53",
    "'a'",
    "''",
    "'X-Lua'",
    "'id'",
    "'\\r\\nx: y'",
    "':path'",
    "'a b'",
    "'http://a/x'",
    "'/x?y=1'",
    "'[{\"a\":1.0}]'",
    "'%Y-%m-%dT%H:%M:%S'",
    "'e30.e30.'",
    "'\\255\\0'",
    "{}",
    "{1, 2}",
    "{a = 1}",
    "a",
    "b",
    "c",
    "luaTable.new()",
    "luaList.new()",
    "luaNil.new()",
    "request.load()",
    "ctx.load()",
    "response.load()",
    "response.load():data()",
    "string",
    "function(...) return ... end",
    "_G",
];
const METHODS: [&str; 22] = [
    "load",
    "method",
    "url",
    "host",
    "query",
    "params",
    "headers",
    "headerList",
    "body",
    "path",
    "isComplete",
    "statusCode",
    "data",
    "get",
    "set",
    "len",
    "del",
    "keys",
    "keyExists",
    "close",
    "new",
    "all",
];
const FUNCTIONS: [&str; 49] = [
    "tostring",
    "tonumber",
    "type",
    "#",
    "-",
    "not ",
    "pcall",
    "print",
    "error",
    "custom_error",
    "http_response.new",
    "http_response.all",
    "luaTable.new",
    "string.rep",
    "string.format",
    "string.find",
    "string.gsub",
    "string.byte",
    "table.concat",
    "table.insert",
    "table.sort",
    "unpack",
    "select",
    "next",
    "setmetatable",
    "getmetatable",
    "rawset",
    "coroutine.wrap",
    "coroutine.create",
    "coroutine.resume",
    "loadstring",
    "math.floor",
    "os.date",
    "setfenv",
    "json.marshal",
    "json.unmarshal",
    "base64.encode",
    "base64.decode",
    "hash.sha1",
    "hash.hmac_sha256",
    "time.now",
    "time.format",
    "time.parse",
    "uuid.v4",
    "url.encode",
    "url.decode",
    "url.query",
    "jwt.decode_unverified",
    "debug.dump",
];
const OPERATORS: [&str; 10] = ["+", "-", "*", "/", "%", "^", "..", "==", "<", "and"];
const METAMETHODS: [&str; 8] = ["__index", "__newindex", "__call", "__eq", "__concat", "__len", "__tostring", "__lt"];

fn block(bytes: &mut Unstructured<'_>, text: &mut String, depth: u32) -> Result<()> {
    for _ in 0..bytes.int_in_range(1..=5)? {
        statement(bytes, text, depth)?;
        text.push('\n');
    }
    Ok(())
}

fn statement(bytes: &mut Unstructured<'_>, text: &mut String, depth: u32) -> Result<()> {
    let inner = depth.saturating_sub(1);
    match bytes.int_in_range(0..=if depth == 0 { 3 } else { 11 })? {
        0 | 1 => {
            text.push_str(bytes.choose(&["a = ", "b = ", "c = ", "local a = "])?);
            expression(bytes, text, inner)
        }
        2 => call(bytes, text, inner),
        3 => {
            text.push_str("a.b = ");
            expression(bytes, text, inner)
        }
        4 => {
            text.push_str("if ");
            expression(bytes, text, inner)?;
            wrapped(bytes, text, inner, " then ", " else ")?;
            wrapped(bytes, text, inner, "", " end")
        }
        5 => wrapped(bytes, text, inner, "for i = 1, 3 do ", " end"),
        6 => {
            text.push_str("for k, v in pairs(");
            expression(bytes, text, inner)?;
            wrapped(bytes, text, inner, ") do ", " end")
        }
        7 => wrapped(bytes, text, inner, "c = pcall(function(...) ", " end)"),
        8 => wrapped(bytes, text, inner, "coroutine.wrap(function(...) ", " coroutine.yield(a) end)()"),
        9 => {
            let name = bytes.choose(&METAMETHODS)?;
            wrapped(bytes, text, inner, &format!("b = setmetatable({{}}, {{{name} = function(...) "), " return a end})")
        }
        10 => wrapped(bytes, text, inner, "while a do ", " end"),
        _ => wrapped(bytes, text, inner, "function c(...) ", " end c(1)"),
    }
}

fn wrapped(bytes: &mut Unstructured<'_>, text: &mut String, depth: u32, before: &str, behind: &str) -> Result<()> {
    text.push_str(before);
    block(bytes, text, depth)?;
    text.push_str(behind);
    Ok(())
}

fn call(bytes: &mut Unstructured<'_>, text: &mut String, depth: u32) -> Result<()> {
    if bytes.arbitrary()? {
        text.push_str("a = ");
        text.push_str(bytes.choose(&FUNCTIONS)?);
    } else {
        text.push_str("a = (");
        expression(bytes, text, depth)?;
        text.push_str("):");
        text.push_str(bytes.choose(&METHODS)?);
    }
    arguments(bytes, text, depth)
}

fn arguments(bytes: &mut Unstructured<'_>, text: &mut String, depth: u32) -> Result<()> {
    text.push('(');
    for position in 0..bytes.int_in_range(0..=3)? {
        if position > 0 {
            text.push_str(", ");
        }
        expression(bytes, text, depth)?;
    }
    text.push(')');
    Ok(())
}

fn expression(bytes: &mut Unstructured<'_>, text: &mut String, depth: u32) -> Result<()> {
    let inner = depth.saturating_sub(1);
    match bytes.int_in_range(0..=if depth == 0 { 1 } else { 5 })? {
        0 | 1 => text.push_str(bytes.choose(&VALUES)?),
        2 => {
            text.push('(');
            expression(bytes, text, inner)?;
            text.push_str(&format!(" {} ", bytes.choose(&OPERATORS)?));
            expression(bytes, text, inner)?;
            text.push(')');
        }
        3 => {
            text.push_str(bytes.choose(&FUNCTIONS)?);
            arguments(bytes, text, inner)?;
        }
        4 => {
            text.push('(');
            expression(bytes, text, inner)?;
            text.push_str("):");
            text.push_str(bytes.choose(&METHODS)?);
            arguments(bytes, text, inner)?;
        }
        _ => {
            text.push('(');
            expression(bytes, text, inner)?;
            text.push_str(")[");
            expression(bytes, text, inner)?;
            text.push(']');
        }
    }
    Ok(())
}
