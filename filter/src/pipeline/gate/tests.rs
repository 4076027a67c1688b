//! Gates as an exchange meets them: the tokens that they ask for, their order, and the results of the answers.

use std::rc::Rc;
use std::time::Duration;

use crate::http::{Body, Headers, Request};
use crate::pipeline::{Draw, Exchange, Input, Output, Program, RefusedBy, Whose};

const SERVICE: &str =
    r#""qos/ratelimit/service": {"max_rate": 5, "client_max_rate": 1, "strategy": "header", "key": "X-Tenant"}"#;
const ROUTER: &str =
    r#""qos/ratelimit/router": {"max_rate": 5, "client_max_rate": 1, "strategy": "param", "key": "id"}"#;
const KEYS: &str =
    r#""auth/api-keys": {"propagate_role": "X-Role", "keys": [{"key": "good", "roles": ["a", "b"]}, {"key": "poor"}]}"#;
const DOOR: &str = r#""auth/api-keys": {"roles": ["b", "c"], "client_max_rate": 2}"#;
const PROXY: &str = r#""qos/ratelimit/proxy": {"max_rate": 1, "capacity": 1}"#;

fn program(service: &str, endpoint: &str, backend: &str) -> Rc<Program> {
    let document = format!(
        r#"{{"version": 3, "extra_config": {{{service}}}, "endpoints": [{{"endpoint": "/t/{{id}}", "input_headers": ["X-Role"],
            "extra_config": {{{endpoint}}},
            "backend": [{{"host": ["http://a"], "url_pattern": "/b", "extra_config": {{{backend}}}}}]}}]}}"#
    );
    Rc::new(Program::load(document.as_bytes()).unwrap())
}

/// The number of requests refused by the rate of all clients, by the rate of one client, and for a missing key.
fn counted(program: &Program) -> (u64, u64, u64) {
    let counts = program.take_refused();
    let of = |by: RefusedBy| counts[by as usize];
    (of(RefusedBy::Rate), of(RefusedBy::Client), of(RefusedBy::Key))
}

struct Client {
    exchange: Exchange,
    asked: Vec<Whose>,
}

impl Client {
    fn new(program: &Rc<Program>) -> Self {
        Self { exchange: Exchange::new(program), asked: Vec::new() }
    }

    // Plays a request with a token in each bucket except the one with this number.
    fn play(&mut self, path: &str, headers: &[(&str, &str)], refused: usize) -> Output {
        let mut next = Input::Request(Request {
            method: "GET".into(),
            authority: "gateway".into(),
            path: path.into(),
            headers: headers.iter().copied().collect::<Headers>(),
            body: Body::Absent,
            peer: Default::default(),
        });
        loop {
            match self.exchange.handle(Duration::ZERO, next) {
                Output::Draw(Draw { whose, .. }) => {
                    next = Input::Drawn(self.asked.len() != refused);
                    self.asked.push(whose);
                }
                other => return other,
            }
        }
    }
}

const NEVER: usize = usize::MAX;

fn status(output: &Output) -> u16 {
    match output {
        Output::Answer(response) => response.status,
        Output::Send(_) => 200,
        other => panic!("{other:?}"),
    }
}

fn key(text: &str) -> Whose {
    Whose::Key(text.as_bytes().to_vec())
}

#[test]
fn buckets_are_asked_one_after_the_other_and_the_first_that_is_empty_ends_it() {
    let program = program(&format!("{SERVICE}, {KEYS}"), &format!("{ROUTER}, {DOOR}"), PROXY);
    let headers = [("x-tenant", "one"), ("authorization", "Bearer good")];
    let mut client = Client::new(&program);
    assert_eq!(status(&client.play("/t/7", &headers, NEVER)), 200);
    let [tenant, service, Whose::Key(good), id, router, backend] = &client.asked[..] else {
        panic!("{:?}", client.asked)
    };
    assert_eq!([tenant, id], [&key("one"), &key("7")]);
    assert_eq!([service, router, backend], [&Whose::Everybody; 3]);
    assert!(!good.is_empty() && good != b"good", "a bucket is not called like the key");
    for (number, expected) in [429, 503, 429, 429, 503, 500].into_iter().enumerate() {
        let mut client = Client::new(&program);
        assert_eq!(status(&client.play("/t/7", &headers, number)), expected, "bucket {number}");
        assert_eq!(client.asked.len(), number + 1);
    }
    assert_eq!(counted(&program), (3, 3, 0));
}

#[test]
fn a_client_that_nothing_tells_is_refused_and_takes_no_token() {
    let program = program(SERVICE, "", "");
    for (headers, expected, asked) in
        [(vec![], 429, 0), (vec![("x-tenant", "")], 429, 0), (vec![("x-tenant", "a")], 200, 2)]
    {
        let mut client = Client::new(&program);
        assert_eq!(
            (status(&client.play("/t/7", &headers, NEVER)), client.asked.len()),
            (expected, asked),
            "{headers:?}"
        );
    }
}

#[test]
fn only_a_key_with_a_role_lets_in_and_its_role_is_told_to_backends() {
    let program = program(KEYS, DOOR, "");
    let table = [
        (vec![], 401),
        (vec![("authorization", "")], 401),
        (vec![("authorization", "Bearer ")], 401),
        (vec![("authorization", "bad")], 401),
        (vec![("authorization", "good\0")], 401),
        (vec![("authorization", "Good")], 401),
        (vec![("authorization", "poor")], 401),
        (vec![("authorization", "Basic good")], 401),
        (vec![("x-key", "good")], 401),
        (vec![("authorization", "bad"), ("authorization", "good")], 401),
        (vec![("authorization", "good")], 200),
        (vec![("authorization", "bEARER good")], 200),
    ];
    let refused = table.iter().filter(|(_, expected)| *expected == 401).count();
    for (headers, expected) in table {
        let headers: Vec<_> = headers.into_iter().chain([("x-role", "c")]).collect();
        let output = Client::new(&program).play("/t/7", &headers, NEVER);
        assert_eq!(status(&output), expected, "{headers:?}");
        if let Output::Send(routed) = output {
            let role: Vec<_> = routed.request.headers.get_all("x-role").collect();
            assert_eq!(role, [b"b"], "the first of the key's roles that is asked for, and not the client's word");
        }
    }
    assert_eq!(counted(&program), (0, 0, refused as u64));
}

#[test]
fn a_key_may_stand_in_the_query_and_any_role_may_do() {
    let door = r#""auth/api-keys": {"roles": [], "strategy": "query_string", "identifier": "k"}"#;
    let program = program(KEYS, door, "");
    for (path, expected) in [("/t/7", 401), ("/t/7?k=", 401), ("/t/7?key=good", 401), ("/t/7?k=po%6Fr", 200)] {
        let output = Client::new(&program).play(path, &[("authorization", "good")], NEVER);
        assert_eq!(status(&output), expected, "{path}");
        if let Output::Send(routed) = output {
            assert_eq!(routed.request.headers.get_str("x-role"), Some("ANY"));
        }
    }
}

#[test]
fn a_token_for_which_nobody_asked_changes_nothing() {
    let program = program("", "", "");
    let mut client = Client::new(&program);
    assert_eq!(client.exchange.handle(Duration::ZERO, Input::Drawn(true)), Output::Wait);
    assert!(matches!(client.play("/t/7", &[], NEVER), Output::Send(_)));
    let Output::Answer(response) = client.exchange.handle(Duration::ZERO, Input::Drawn(true)) else { panic!() };
    assert_eq!(response.status, 500);
}
