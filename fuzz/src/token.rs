//! Tokens at the door of an endpoint: any header, any claims, and any bytes as the payload that Envoy is said to have verified.
//! A request is let in only if a payload was verified that says the same as the token.

use std::rc::Rc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use lua_modifier::http::{Body, Call, Headers, Request};
use lua_modifier::pipeline::{Carrier, Departure, Draw, Exchange, Input, Output, Program, Ticket, carry_out};
use serde_json::{Map, Value, json};

thread_local! {
    static GUARDED: Vec<Rc<Program>> = validators().into_iter().map(guarded).collect();
}

/// The first byte chooses the endpoint's validator and the way in which the token comes. Then follow three lines: the token's
/// header, its claims, and the verified payload.
pub(crate) fn run(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    let mut lines = data.splitn(3, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (header, claims, said) = (line(), line(), line());
    let token = if choice & 0x80 == 0 {
        let encode = |part: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(part);
        format!("{}.{}.c2lnbmF0dXJl", encode(header), encode(claims)).into_bytes()
    } else {
        [header, b".", claims, b".c2lnbmF0dXJl"].concat()
    };
    let (name, value) = match choice >> 5 & 3 {
        0 => ("authorization", [b"Bearer ", token.as_slice()].concat()),
        1 => ("authorization", token),
        2 => ("cookie", [b"a=1; access_token=", token.as_slice()].concat()),
        _ => ("cookie", [b"access_token=", header, b"; access_token=", token.as_slice()].concat()),
    };
    let verified = match said {
        b"" => None,
        b"=" => Some(object(claims).and_then(|claims| tokens::structure(&claims)).unwrap_or_default()),
        said => Some(object(said).and_then(|said| tokens::structure(&said)).unwrap_or_else(|| said.to_vec())),
    };
    let let_in = GUARDED.with(|guarded| {
        let program = &guarded[usize::from(choice & 0x1f) % guarded.len()];
        is_let_in(program, (name, value), verified.clone())
    });
    if let_in {
        let verified = verified.unwrap_or_else(|| panic!("let in, and nothing was verified"));
        let means_the_token =
            object(claims).and_then(|claims| tokens::structure(&claims)).is_some_and(|of| of == verified);
        let is_raw = said != b"=" && object(said).is_none();
        assert!(choice & 0x80 != 0 || is_raw || means_the_token, "let in with the payload of another token");
    }
}

fn object(text: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(text).ok()
}

fn validators() -> Vec<Value> {
    vec![
        json!({}),
        json!({"issuer": "i", "audience": ["a", "b"]}),
        json!({"roles": ["r"], "roles_key": "x.r", "roles_key_is_nested": true}),
        json!({"scopes": ["s", "t"], "scopes_key": "scope", "scopes_matcher": "all"}),
        json!({"propagate_claims": [["sub", "x-sub"], ["x.y", "x-y"]], "propagate_claims_preserve_array": true, "leeway": "1h"}),
    ]
}

fn guarded(mut validator: Value) -> Rc<Program> {
    let common = json!({"alg": "RS256", "jwk_local_path": "keys.json", "disable_jwk_security": true});
    let Value::Object(validator) = &mut validator else { panic!("a validator is an object") };
    validator.extend(common.as_object().unwrap().clone());
    let config = json!({
        "version": 3,
        "endpoints": [{
            "endpoint": "/", "input_headers": ["X-Sub", "X-Y"], "extra_config": {"auth/validator": validator},
            "backend": [{"host": ["a"], "url_pattern": "/{JWT.sub}"}],
        }],
    });
    Rc::new(Program::load(config.to_string().as_bytes()).unwrap())
}

fn is_let_in(program: &Rc<Program>, (name, value): (&str, Vec<u8>), verified: Option<Vec<u8>>) -> bool {
    let mut headers = Headers::new();
    headers.append(name, value);
    let request = Request {
        method: "GET".into(),
        authority: "gateway".into(),
        path: "/".into(),
        headers,
        body: Body::Absent,
        peer: Default::default(),
    };
    match carry_out(&mut AtTheDoor { exchange: Exchange::new(program), verified }, Input::Request(request)) {
        Some(Departure::Send(routed)) => {
            assert_eq!(routed.request.headers.fault(), None, "{routed:?}");
            true
        }
        Some(Departure::Answer(response)) => {
            assert!([401, 403, 500].contains(&response.status), "{response:?}");
            false
        }
        other => panic!("{other:?}"),
    }
}

/// An exchange, and the payload that Envoy is said to have verified.
struct AtTheDoor {
    exchange: Exchange,
    verified: Option<Vec<u8>>,
}

impl Carrier for AtTheDoor {
    fn tell(&mut self, input: Input) -> Option<Output> {
        Some(self.exchange.handle(Duration::ZERO, input))
    }

    fn read_body(&mut self) -> Option<Input> {
        panic!("nobody asks for a body")
    }

    fn part(&mut self) {
        panic!("no backend is a shadow")
    }

    fn verified(&mut self, _: &str) -> Option<Vec<u8>> {
        self.verified.clone()
    }

    fn draw(&mut self, _: &Draw) -> bool {
        panic!("nothing has a rate")
    }

    fn dispatch(&mut self, _: Ticket, call: Call) -> Vec<Input> {
        panic!("no script asks for {}", call.url)
    }
}
