//! What loads and starts, what does not, and how a module that fails is reported.

use std::time::{Duration, Instant};

use host_sim::{Cause, Event, LoadError, LogLevel, Module, Request, Settings, Sim, StartError};

use crate::guest;

#[test]
fn an_unknown_import_is_refused_by_name() {
    let bytes = guest::bytes("").len();
    assert!(bytes > 0);
    let wasm = wat::parse_str(
        r#"(module
            (import "wasi_snapshot_preview1" "path_rename" (func (param i32) (result i32)))
            (import "env" "proxy_teleport" (func))
            (import "env" "proxy_log" (func (param i32 i32 i32) (result i32)))
            (func (export "proxy_abi_version_0_2_1")))"#,
    )
    .unwrap();
    let error = Module::from_bytes(&wasm).unwrap_err();
    assert!(matches!(&error, LoadError::UnknownImports(imports) if imports.len() == 2));
    let text = error.to_string();
    assert!(text.contains("wasi_snapshot_preview1.path_rename") && text.contains("env.proxy_teleport"));
}

#[test]
fn a_known_import_of_another_shape_is_refused() {
    let wasm =
        wat::parse_str(r#"(module (import "env" "proxy_log" (func)) (func (export "proxy_abi_version_0_2_1")))"#)
            .unwrap();
    assert!(matches!(Module::from_bytes(&wasm), Err(LoadError::Link(message)) if message.contains("proxy_log")));
}

#[test]
fn a_module_of_no_known_abi_is_refused() {
    let wasm = wat::parse_str("(module)").unwrap();
    assert!(matches!(Module::from_bytes(&wasm), Err(LoadError::NotProxyWasm(_))));
    assert!(matches!(Module::from_bytes(b"nonsense"), Err(LoadError::Compile(_))));
}

#[test]
fn a_vm_may_move_to_another_thread_and_a_module_be_shared() {
    fn moves<T: Send>(_: &T) {}
    fn is_shared<T: Send + Sync>(_: &T) {}
    let module = guest::module("");
    is_shared(&module);
    moves(&Sim::start(&module, Settings::default()).unwrap());
}

#[test]
fn a_function_that_envoy_lacks_may_be_imported_by_what_is_measured() {
    let wasm = wat::parse_str(
        r#"(module
            (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "proxy_abi_version_0_2_1"))
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
              (call $accept (i32.const 0) (i32.const 0) (i32.const 0))))"#,
    )
    .unwrap();
    assert!(matches!(Module::from_bytes(&wasm), Err(LoadError::UnknownImports(_))));
    let module = Module::from_bytes_to_measure(&wasm).unwrap();
    let mut sim = Sim::start(&module, Settings::default()).unwrap();
    assert!(sim.request(&Request::new("GET", "/")).is_err(), "a call of it traps");
}

#[test]
fn a_global_that_is_exported_can_be_read() {
    let wasm = wat::parse_str(
        r#"(module
            (global (export "place") i32 (i32.const -2))
            (global (export "far") i64 (i64.const 7))
            (global (export "half") f32 (f32.const 0.5))
            (func (export "proxy_abi_version_0_2_1")))"#,
    );
    let mut sim = Sim::start(&Module::from_bytes(&wasm.unwrap()).unwrap(), Settings::default()).unwrap();
    let values = ["place", "far", "half", "elsewhere"].map(|name| sim.global(name));
    assert_eq!(values, [Some(0xffff_fffe), Some(7), None, None]);
}

#[test]
fn a_memory_that_is_exported_can_be_read() {
    let wasm = wat::parse_str(
        r#"(module
            (memory (export "memory") 1)
            (memory $beside (export "beside") 1)
            (data (memory $beside) (i32.const 3) "seven")
            (func (export "proxy_abi_version_0_2_1"))
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
              (i32.store8 $beside (i32.const 3) (i32.const 83))
              (i32.const 0)))"#,
    );
    let mut sim = Sim::start(&Module::from_bytes(&wasm.unwrap()).unwrap(), Settings::default()).unwrap();
    assert!(sim.memory("beside").unwrap().starts_with(b"\0\0\0seven"));
    sim.request(&Request::new("GET", "/")).unwrap();
    assert!(sim.memory("beside").unwrap().starts_with(b"\0\0\0Seven"));
    assert_eq!(sim.memory("elsewhere"), None);
}

#[test]
fn imports_can_be_listed() {
    let names: Vec<_> = guest::module("").imports().iter().map(ToString::to_string).collect();
    assert!(names.contains(&"env.proxy_http_call".to_owned()));
}

#[test]
fn a_refused_configuration_is_a_value_with_the_lines_that_say_why() {
    let module = guest::module(
        r#"(func (export "proxy_on_configure") (param i32 i32) (result i32)
            (call $say_buffer (i32.const 7))
            (drop (call $log (i32.const 4) @"no good"))
            (i32.const 0))"#,
    );
    let error = Sim::start(&module, Settings::new("{}")).unwrap_err();
    assert!(matches!(&error, StartError::Refused("proxy_on_configure", _)));
    assert!(error.trace().logged(LogLevel::Error, "no good"));
    assert!(error.to_string().contains("no good"));
    assert_eq!(error.trace().logs()[0], (LogLevel::Info, "{}"));
}

#[test]
fn the_configuration_is_gone_when_configured() {
    let mut sim = guest::sim(
        r#"(func (export "proxy_on_tick") (param i32)
            (call $note (call $get_buffer
                (i32.const 7) (i32.const 0) (i32.const 9) (i32.const 60008) (i32.const 60012))))"#,
        Settings::new("{}"),
    );
    sim.tick().unwrap();
    assert_eq!(sim.take_trace().logs(), [(LogLevel::Info, "01")]);
}

#[test]
fn only_logging_works_in_initialize() {
    let mut sim = guest::sim(
        r#"(func (export "_initialize")
            (call $say @"hello")
            (call $note (call $define (i32.const 0) @"n" (i32.const 60008))))"#,
        Settings::default(),
    );
    let trace = sim.take_trace();
    assert_eq!(trace.logs(), [(LogLevel::Info, "hello"), (LogLevel::Info, "10")]);
    assert!(trace.misuses()[0].contains("proxy_define_metric"));
}

const TRAPS: &str = r#"
  (func $deep unreachable)
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $deep) (i32.const 0))"#;

#[test]
fn a_trap_is_a_value_with_a_backtrace_and_the_client_gets_503() {
    let mut sim = guest::sim(TRAPS, Settings::default());
    let trap = sim.request(&Request::new("GET", "/")).unwrap_err();
    assert_eq!(trap.callback, "proxy_on_request_headers");
    assert!(matches!(&trap.cause, Cause::Trap(message) if message.contains("unreachable")));
    assert!(trap.backtrace.contains("deep"), "{}", trap.backtrace);
    let trace = sim.take_trace();
    assert_eq!(trace.answer().unwrap().status(), 503);
    assert_eq!(trace.trap(), Some(&trap));
}

#[test]
fn a_dead_vm_answers_503_to_every_later_request_and_to_those_under_way() {
    let mut sim = guest::sim(
        r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 1))
           (func (export "proxy_on_tick") (param i32) unreachable)"#,
        Settings::default(),
    );
    let held = sim.request(&Request::new("GET", "/")).unwrap();
    sim.tick().unwrap_err();
    assert_eq!(sim.stream(held).unwrap().delivered().unwrap().status(), 503);
    let later = sim.open_stream();
    sim.request_headers(later, Request::new("GET", "/").headers, true).unwrap_err();
    assert_eq!(sim.stream(later).unwrap().delivered().unwrap().status(), 503);
    assert!(sim.dead().is_some());
}

#[test]
fn a_module_that_never_ends_is_stopped() {
    let callbacks = r#"(func (export "proxy_on_tick") (param i32) (loop $again (br $again)))"#;
    let settings = Settings { callback_limit: Duration::from_millis(50), ..Settings::default() };
    let mut sim = guest::sim(callbacks, settings);
    let begun = Instant::now();
    let trap = sim.tick().unwrap_err();
    assert_eq!(trap.cause, Cause::TooLong);
    assert!(trap.to_string().contains("longer than a callback may"));
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn standard_exceptions_work_and_an_uncaught_one_is_a_trap() {
    let mut sim = guest::sim(
        r#"(tag $oops (param i32))
           (func $throws (throw $oops (i32.const 7)))
           (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
             (call $note (block $caught (result i32)
               (try_table (catch $oops $caught) (call $throws))
               (i32.const 0)))
             (i32.const 0))
           (func (export "proxy_on_tick") (param i32) (call $throws))"#,
        Settings::default(),
    );
    sim.request(&Request::new("GET", "/")).unwrap();
    assert_eq!(sim.take_trace().logs(), [(LogLevel::Info, "07")]);
    assert!(matches!(sim.tick().unwrap_err().cause, Cause::Trap(_)));
}

#[test]
fn proc_exit_ends_the_vm_and_output_goes_to_the_trace() {
    let wasm = wat::parse_str(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "\10\00\00\00\06\00\00\00")
            (data (i32.const 16) "hello\n")
            (func (export "proxy_abi_version_0_2_1"))
            (func (export "_initialize")
                (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
                (call $exit (i32.const 3))))"#,
    )
    .unwrap();
    let error = Sim::start(&Module::from_bytes(&wasm).unwrap(), Settings::default()).unwrap_err();
    let StartError::Trapped(trap, trace) = error else {
        panic!("it started");
    };
    assert_eq!(trap.cause, Cause::Exit(3));
    assert!(trace.shows(|event| matches!(event, Event::Output { fd: 2, text } if text == "hello")));
}

#[test]
fn variables_are_those_of_the_settings_and_no_others() {
    let wasm = wat::parse_str(
        r#"(module
            (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "environ_get" (func $get (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "proxy_abi_version_0_2_1"))
            (func (export "_initialize")
                (drop (call $sizes (i32.const 0) (i32.const 4)))
                (drop (call $get (i32.const 100) (i32.const 200)))
                ;; All of the text, and then the last variable by its pointer.
                (i32.store (i32.const 16) (i32.const 200))
                (i32.store (i32.const 20) (i32.load (i32.const 4)))
                (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8)))
                (i32.store (i32.const 16)
                    (i32.load (i32.add (i32.const 96) (i32.mul (i32.const 4) (i32.load (i32.const 0))))))
                (i32.store (i32.const 20) (i32.const 3))
                (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8)))))"#,
    )
    .unwrap();
    let environment = [("A", "1"), ("KEY", "é =\n")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = Settings { environment: environment.into(), ..Settings::default() };
    let mut sim = Sim::start(&Module::from_bytes(&wasm).unwrap(), settings).unwrap();
    let said = |text: &str| Event::Output { fd: 1, text: text.to_owned() };
    let trace = sim.take_trace();
    let outputs = trace.events().filter(|event| matches!(event, Event::Output { .. }));
    assert_eq!(outputs.collect::<Vec<_>>(), [&said("A=1\0KEY=é =\n\0"), &said("KEY")]);
}

#[test]
fn a_hostcall_that_nobody_uses_says_so() {
    let mut sim =
        guest::sim(r#"(func (export "proxy_on_tick") (param i32) (call $note (call $done)))"#, Settings::default());
    sim.tick().unwrap();
    let trace = sim.take_trace();
    assert_eq!(trace.unimplemented(), ["proxy_done"]);
    assert_eq!(trace.logs(), [(LogLevel::Info, "12")]);
}

#[cfg(feature = "cache")]
#[test]
fn compiled_code_is_kept_in_the_folder_and_taken_from_there_and_a_folder_that_cannot_be_is_no_harm() {
    let folder = std::env::temp_dir().join(format!("host-sim-cache-{}", std::process::id()));
    let file = folder.join("module.wasm");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(&file, guest::bytes("")).unwrap();
    let kept = || {
        let folders = std::fs::read_dir(folder.join("kept/modules")).unwrap().map(|entry| entry.unwrap().path());
        let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
        let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.contains('.')).collect::<Vec<_>>()
    };
    let starts = |module: Module| Sim::start(&module, Settings::default()).is_ok();
    assert!(starts(Module::load_cached(&file, folder.join("kept")).unwrap()));
    let first = kept();
    assert_eq!(first.len(), 1);
    assert!(starts(Module::load_cached(&file, folder.join("kept")).unwrap()));
    assert_eq!(kept(), first);
    std::fs::write(&file, guest::bytes("(func (export \"other\"))")).unwrap();
    assert!(starts(Module::load_cached(&file, folder.join("kept")).unwrap()));
    assert_eq!(kept().len(), 2);
    assert!(starts(Module::load_cached(&file, file.join("below a file")).unwrap()));
    std::fs::remove_dir_all(&folder).unwrap();
}
