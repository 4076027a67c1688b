//! Random programs, made of random configurations with random scripts. Some are kept for many inputs.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use arbitrary::{Result, Unstructured};
use lua_modifier::pipeline::Program;
use serde_json::{Value, json};

use crate::script::script;

/// Making a program takes far longer than running it, most of all with the sanitizer. So most inputs use a kept program, whose
/// scripts are live: they come with the replies.
pub(crate) fn program(bytes: &mut Unstructured<'_>) -> Result<Loaded> {
    if bytes.ratio(1, 16)? {
        return Ok(load(configuration(bytes, false)?));
    }
    let shape = bytes.int_in_range(0..=SHAPES)?;
    Ok(KEPT.with_borrow_mut(|kept| kept.entry(shape).or_insert_with(|| load(shaped(shape))).clone()))
}

/// A program and its configuration; `None` if the program is refused.
pub(crate) type Loaded = Option<(Rc<Program>, Rc<Value>)>;

fn load(config: Value) -> Loaded {
    let program = Program::load(config.to_string().as_bytes()).ok()?;
    Some((Rc::new(program), Rc::new(config)))
}

/// One of a fixed number of configurations; a number always gives the same one.
fn shaped(shape: u8) -> Value {
    let mut noise = u64::from(shape) + 1;
    let choices = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.to_be_bytes()[0]
    });
    let choices: Vec<u8> = choices.take(256).collect();
    configuration(&mut Unstructured::new(&choices), true).unwrap()
}

const SHAPES: u8 = 63;

thread_local! {
    static KEPT: RefCell<HashMap<u8, Loaded>> = RefCell::default();
}

fn configuration(bytes: &mut Unstructured<'_>, live: bool) -> Result<Value> {
    let limits =
        json!({"instructions": 20000, "memory_bytes": 1 << 20, "body_bytes": 4096, "calls": 4, "time_ms": 5000});
    let mut extra = json!({
        "router": {"return_error_msg": true},
        "envoy/lua-modifier": {"limits": limits, "clusters": {"http://a": "a"}, "error_header": true, "helpers": true,
                               "sources_url": "http://sources"},
    });
    // All blocks are of one kind, so that one Lua state is enough.
    let kind = Kind { open: bytes.ratio(3, 4)?, live };
    if bytes.ratio(1, 4)? {
        extra["modifier/lua-endpoint"] = block(bytes, kind)?;
    }
    Ok(json!({
        "version": 3, "timeout": "1s", "extra_config": extra,
        "endpoints": [endpoint(bytes, kind, "/a/{id}", "GET")?, endpoint(bytes, kind, "/b", "POST")?],
    }))
}

/// The settings that all blocks of a configuration share.
#[derive(Clone, Copy)]
struct Kind {
    open: bool,
    live: bool,
}

fn endpoint(bytes: &mut Unstructured<'_>, kind: Kind, path: &str, method: &str) -> Result<Value> {
    let mut extra = json!({});
    for namespace in ["modifier/lua-endpoint", "modifier/lua-proxy"] {
        if bytes.arbitrary()? {
            extra[namespace] = block(bytes, kind)?;
        }
    }
    if bytes.ratio(1, 4)? {
        extra["proxy"] = json!({"sequential": true, "sequential_propagated_params": ["resp0_a", "Resp0"]});
    }
    let count = bytes.int_in_range(1..=3)?;
    let backends = (0..count).map(|_| backend(bytes, kind)).collect::<Result<Vec<_>>>()?;
    Ok(json!({
        "endpoint": path, "method": method, "backend": backends, "extra_config": extra, "input_headers": ["*"],
        "input_query_strings": ["*"], "concurrent_calls": if bytes.ratio(1, 6)? { 3 } else { 1 },
        "output_encoding": bytes.choose(&["json", "json-collection", "string", "negotiate", "no-op"])?,
    }))
}

fn backend(bytes: &mut Unstructured<'_>, kind: Kind) -> Result<Value> {
    let mut extra = json!({});
    if bytes.arbitrary()? {
        extra["modifier/lua-backend"] = block(bytes, kind)?;
    }
    if bytes.ratio(1, 4)? {
        extra["backend/http"] = json!({"return_error_details": "b"});
    }
    if bytes.ratio(1, 4)? {
        let operations = [
            json!({"type": "move", "args": ["*.a", "b"]}),
            json!({"type": "append", "args": ["a.*", "collection"]}),
            json!({"type": "del", "args": ["a.0", "*"]}),
        ];
        extra["proxy"] = json!({"shadow": bytes.ratio(1, 2)?, "flatmap_filter": [bytes.choose(&operations)?]});
    }
    Ok(json!({
        "host": ["http://a"], "url_pattern": bytes.choose(&["/x", "/x?y=1", "/x/{id}"])?,
        "encoding": bytes.choose(&["json", "safejson", "string", "no-op"])?, "extra_config": extra,
        "group": bytes.choose(&["", "g"])?, "target": bytes.choose(&["", "a"])?, "is_collection": bytes.ratio(1, 5)?,
    }))
}

fn block(bytes: &mut Unstructured<'_>, kind: Kind) -> Result<Value> {
    let mut block = json!({"allow_open_libs": kind.open, "skip_next": bytes.ratio(1, 6)?});
    if kind.live {
        block["sources"] = json!(["s.lua"]);
        block["live"] = true.into();
    }
    for half in ["pre", "post"] {
        if bytes.arbitrary()? {
            block[half] = if kind.live { format!("if {half} then {half}() end") } else { script(bytes)? }.into();
        }
    }
    Ok(block)
}
