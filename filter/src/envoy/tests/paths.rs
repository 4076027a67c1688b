//! The client's path, which access logs must find although the path was rewritten.

use super::fake_envoy::FakeEnvoy;
use super::{NO_OP, program};

#[test]
fn a_rewritten_path_leaves_the_clients_own_in_envoys_header() {
    // If the backend's pattern equals the path, the path stays the same; and a path that no endpoint has is not rewritten.
    let same = r#"{"endpoint": "/b", "method": "POST", "output_encoding": "no-op",
        "backend": [{"host": ["http://api"], "url_pattern": "/b", "method": "POST", "encoding": "no-op"}]}"#;
    let worker = program(&format!(r#"{{"endpoint": "/t", "method": "POST", {NO_OP}}}, {same}"#));
    for forged in [false, true] {
        for (path, leaves, original) in [("/t?a=1", "/b", Some("/t?a=1")), ("/b", "/b", None), ("/else", "/else", None)]
        {
            let envoy = FakeEnvoy::new("POST", path, &[]);
            if forged {
                envoy.request.headers.borrow_mut().push(("x-envoy-original-path".to_owned(), b"/forged".to_vec()));
            }
            let envoy = envoy.open(&worker);
            envoy.bring_request();
            assert_eq!(envoy.request.header(":path"), [leaves], "{path}");
            assert_eq!(envoy.request.header("x-envoy-original-path"), Vec::from_iter(original), "{path} {forged}");
        }
    }
}
