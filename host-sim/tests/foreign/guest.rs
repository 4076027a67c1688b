//! Small foreign modules, written as WebAssembly text: a prelude with the hostcalls that tests use, and the callbacks
//! that a test gives. `@"text"` in it stands for the two numbers, address and length, of that text.

use host_sim::{Module, Settings, Sim, Trace};

const PRELUDE: &str = r#"
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_add_header_map_value" (func $add (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_replace_header_map_value" (func $replace (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_remove_header_map_value" (func $remove (param i32 i32 i32) (result i32)))
  (import "env" "proxy_get_header_map_value" (func $value (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_header_map_pairs" (func $pairs (param i32 i32 i32) (result i32)))
  (import "env" "proxy_set_header_map_pairs" (func $set_pairs (param i32 i32 i32) (result i32)))
  (import "env" "proxy_get_buffer_bytes" (func $get_buffer (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_buffer_bytes" (func $set_buffer (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
  (import "env" "proxy_send_local_response"
    (func $reply (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_http_call"
    (func $call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_effective_context" (func $act_for (param i32) (result i32)))
  (import "env" "proxy_get_property" (func $property (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_tick_period_milliseconds" (func $set_tick (param i32) (result i32)))
  (import "env" "proxy_define_metric" (func $define (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_increment_metric" (func $increment (param i32 i64) (result i32)))
  (import "env" "proxy_call_foreign_function"
    (func $foreign (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_done" (func $done (result i32)))
  (memory (export "memory") 8)
  (global $heap (mut i32) (i32.const 131072))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param $size i32) (result i32)
    (global.get $heap)
    (global.set $heap (i32.add (global.get $heap) (local.get $size))))
  ;; Logs the number of a status, at most two digits.
  (func $note (param $status i32)
    (i32.store8 (i32.const 60000) (i32.add (i32.const 48) (i32.div_u (local.get $status) (i32.const 10))))
    (i32.store8 (i32.const 60001) (i32.add (i32.const 48) (i32.rem_u (local.get $status) (i32.const 10))))
    (drop (call $log (i32.const 2) (i32.const 60000) (i32.const 2))))
  (func $say (param $at i32) (param $size i32)
    (drop (call $log (i32.const 2) (local.get $at) (local.get $size))))
  ;; Logs the buffer of a kind as it is now.
  (func $say_buffer (param $kind i32)
    (drop (call $get_buffer
      (local.get $kind) (i32.const 0) (i32.const 100000) (i32.const 60008) (i32.const 60012)))
    (call $say (i32.load (i32.const 60008)) (i32.load (i32.const 60012))))
  ;; Logs the value of a header of a map, or the status why there is none.
  (func $say_header (param $kind i32) (param $name i32) (param $size i32)
    (local $status i32)
    (local.set $status (call $value
      (local.get $kind) (local.get $name) (local.get $size) (i32.const 60008) (i32.const 60012)))
    (if (local.get $status)
      (then (call $note (local.get $status)))
      (else (call $say (i32.load (i32.const 60008)) (i32.load (i32.const 60012))))))
"#;

/// Compiles a module of these callbacks.
pub(crate) fn module(callbacks: &str) -> Module {
    Module::from_bytes(&bytes(callbacks)).unwrap()
}

/// The module as bytes, for those that should not load.
pub(crate) fn bytes(callbacks: &str) -> Vec<u8> {
    let (callbacks, data) = place_texts(callbacks);
    wat::parse_str(format!("(module {PRELUDE} {callbacks} {data})")).unwrap()
}

/// A started VM of these callbacks.
pub(crate) fn sim(callbacks: &str, settings: Settings) -> Sim {
    Sim::start(&module(callbacks), settings).unwrap()
}

/// Header pairs in the ABI's format, as a text of the module.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> String {
    let mut bytes = (pairs.len() as u32).to_le_bytes().to_vec();
    for (name, value) in pairs {
        bytes.extend((name.len() as u32).to_le_bytes());
        bytes.extend((value.len() as u32).to_le_bytes());
    }
    for (name, value) in pairs {
        bytes.extend([name.as_bytes(), &[0], value.as_bytes(), &[0]].concat());
    }
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("@\"{escaped}\"")
}

fn place_texts(source: &str) -> (String, String) {
    let mut parts = source.split("@\"");
    let mut placed = parts.next().unwrap().to_owned();
    let mut data = String::new();
    let mut at = 1024;
    for part in parts {
        let (text, rest) = part.split_once('"').unwrap();
        let size = text.len() - 2 * text.matches('\\').count();
        placed += &format!("(i32.const {at}) (i32.const {size}){rest}");
        data += &format!("(data (i32.const {at}) \"{text}\")\n");
        at += size;
    }
    (placed, data)
}

/// The lines that the module has logged.
pub(crate) fn lines(trace: &Trace) -> Vec<&str> {
    trace.logs().iter().map(|(_, line)| *line).collect()
}
