//! A service that switches protocols: the bytes that follow are not a body, and a script cannot change the response.

use super::fake_envoy::{FakeEnvoy, Outcome};
use super::{logged, program, scripted};

// The service answers 101, and its bytes have no end.
fn switched(post: &str) -> (Outcome, std::rc::Rc<FakeEnvoy>) {
    let worker = program(&scripted("", post).replace("POST", "GET"));
    let mut envoy = FakeEnvoy::new("GET", "/t", &["frames"]);
    envoy.request.headers.borrow_mut().push(("upgrade".to_owned(), b"websocket".to_vec()));
    let headers = [(":status", "101"), ("connection", "Upgrade"), ("upgrade", "websocket")];
    envoy.response.headers.replace(headers.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).to_vec());
    envoy.response.pieces = vec!["frames"];
    envoy.response.trailers = true;
    envoy.play(&worker)
}

#[test]
fn a_switch_of_protocols_goes_to_the_client_as_it_came() {
    for post in ["", "local a = 1", "print(response.load():body())"] {
        let (outcome, envoy) = switched(post);
        assert_eq!(outcome, Outcome::Delivered(101, "frames".to_owned()), "{post}");
        assert_eq!(envoy.request.sent(), "frames");
        let names: Vec<String> = envoy.response.headers.borrow().iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names, [":status", "connection", "upgrade"], "{post}");
    }
    let (_, envoy) = switched("response.load():headers('X-Ours', 'a')");
    assert_eq!(envoy.response.header("x-ours"), ["a"]);
}

#[test]
fn a_script_that_changes_a_switch_of_protocols_is_told_what_it_is() {
    logged();
    for post in ["response.load():statusCode(200)", "response.load():body('mine')"] {
        let (outcome, _) = switched(post);
        assert_eq!(outcome, Outcome::Answered(500), "{post}");
        let lines = logged();
        assert!(lines.len() == 1 && lines[0].contains("the service switched protocols (101)"), "{lines:?}");
    }
}

#[test]
fn no_script_can_make_a_switch_of_protocols() {
    let worker = program(&scripted("", "response.load():statusCode(101)"));
    let (outcome, _) = FakeEnvoy::new("POST", "/t", &[]).play(&worker);
    assert_eq!(outcome, Outcome::Answered(500));
    assert!(logged()[0].contains("statusCode(101): no status that can be answered"));
}
