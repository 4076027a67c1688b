//! The demo of `make run`, on another port: its result must be what its own expectations say.

use std::net::TcpListener;
use std::process::Command;

use tests::built::{file_from_env, module_from_env};
use tests::repository;

#[test]
fn every_request_of_the_demo_comes_out_as_it_should() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let output = Command::new(repository::root().join("envoy/run.sh"))
        .env("ENVOY", file_from_env("ENVOY").unwrap())
        .env("LUA_MODIFIER_WASM", module_from_env().unwrap())
        .env("PORT", port.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("came out as they should."), "{said}");
}
