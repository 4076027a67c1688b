//! Parameters that a backend takes from the response of an earlier one, where backends are called one after the other:
//! `{resp0_user.id}` in a `url_pattern`, and the endpoint's `sequential_propagated_params`.

use std::cell::RefCell;
use std::rc::Rc;

use crate::bindings::ProxyResponse;
use crate::config::{Backend, Piece, ResponseParam};
use crate::data::{Table, Value};
use crate::http::Body;
use crate::pipeline::failure::Failure;
use crate::pipeline::format::go_text::parameter;

/// The parameters of a backend that come from the responses of earlier backends, which `response` finds by the backend's
/// number. No parameter may be longer than `most` bytes.
///
/// # Errors
/// A parameter is longer.
pub(super) fn parameters(
    backend: &Backend,
    propagated: &[ResponseParam],
    response: impl Fn(usize) -> Option<Rc<RefCell<ProxyResponse>>>,
    most: u64,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let of_pattern = backend.url_pattern.pieces.iter().filter_map(|piece| match piece {
        Piece::Response(param) => Some(param),
        Piece::Literal(_) | Piece::Param(_) => None,
    });
    let limit = usize::try_from(most).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for param in of_pattern.chain(propagated) {
        let Some(response) = response(param.backend) else { continue };
        let response = response.borrow();
        let text = match param.path.as_slice() {
            [] => whole(&response),
            path => value(response.data.table(), path, limit).map(String::into_bytes),
        };
        match text {
            Some(text) if text.len() > limit => {
                let key = &param.key;
                let message = format!("the parameter {key} is longer than {most} bytes (limits.body_bytes)");
                return Err(Failure::Upstream { message });
            }
            text => found.extend(text.map(|text| (param.key.clone(), text))),
        }
    }
    Ok(found)
}

// A body that KrakenD has not decoded: that of a no-op backend, or a body that a script has set.
fn whole(response: &ProxyResponse) -> Option<Vec<u8>> {
    match &response.payload.body {
        Body::Bytes(bytes) => Some(bytes.clone()),
        Body::Absent | Body::Unread => None,
    }
}

/// The value that a path of keys leads to in a backend's data, as text. `None` if there is no value; then the parameter stays
/// as it was. Little more than `limit` bytes are written.
fn value(data: &Table, path: &[String], limit: usize) -> Option<String> {
    let (last, way) = path.split_last()?;
    let mut data = data.clone();
    for part in way {
        // If the way ends early, KrakenD looks the last part up in the last table that it reached.
        let Some(Value::Table(inner)) = data.get(part.as_bytes()) else { break };
        data = inner;
    }
    data.get(last.as_bytes()).map(|value| parameter(&value, limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Encoding;
    use crate::data::{List, Number, Str};
    use crate::pipeline::format::decode;

    fn value(name: &str, data: &Table) -> Option<String> {
        let path: Vec<String> = name.split_once('_')?.1.split('.').map(str::to_owned).collect();
        super::value(data, &path, 1_000_000)
    }

    #[test]
    fn what_came_as_json_keeps_its_text() {
        let body = r#"{"id":77,"f":1.50,"big":12345678901234567890,"s":"abc","t":true,"n":null,
            "l":[1,"x",null,[2.0,3],{"k":"v"}],"e":[],"m":{"b":[1],"a":"x"},"user":{"id":"u7"}}"#;
        let data = decode(Encoding::Json, false, body).unwrap();
        let rows = [
            ("resp0_id", "77"),
            ("resp0_f", "1.50"),
            ("resp0_big", "12345678901234567890"),
            ("resp0_s", "abc"),
            ("resp0_t", "true"),
            ("resp0_n", "<nil>"),
            ("resp0_l", "1,x,<nil>,[2.0 3],map[k:v]"),
            ("resp0_e", ""),
            ("resp0_m", "map[a:x b:[1]]"),
            ("resp0_user.id", "u7"),
            ("resp0_none.id", "77"),
            ("resp0_id.s", "abc"),
        ];
        for (name, text) in rows {
            assert_eq!(value(name, &data).as_deref(), Some(text), "{name}");
        }
        assert_eq!(value("resp0_user.none", &data), None);
    }

    #[test]
    fn numbers_that_a_script_set_get_an_exponent_as_the_recorded_case_shows() {
        let data = Table::new();
        let set = |key: &str, number| data.set(Str::from(key), Value::Number(number));
        set("id", Number::Float(77.0));
        set("small", Number::Float(0.001));
        set("nan", Number::Float(f64::NAN));
        set("nested", Number::Int(77));
        let list = vec![Value::from(77.0), Value::from(1e6), Value::from(1e21), Value::from(1e-5)];
        data.set("list".into(), Value::List(List::from(list)));
        assert_eq!(value("resp0_id", &data).unwrap(), "7.7E+01");
        assert_eq!(value("resp0_small", &data).unwrap(), "1E-03");
        assert_eq!(value("resp0_nan", &data).unwrap(), "NaN");
        assert_eq!(value("resp0_nested", &data).unwrap(), "77");
        assert_eq!(value("resp0_list", &data).unwrap(), "77,1e+06,1e+21,1e-05");
    }

    #[test]
    fn data_that_contains_itself_ends() {
        let data = Table::new();
        data.set("me".into(), Value::Table(data.clone()));
        assert!(value("resp0_me", &data).unwrap().contains('…'));
        // The output is limited even if the table contains itself many times.
        (0..10).for_each(|copy| data.set(format!("me{copy}").into(), Value::Table(data.clone())));
        assert!(super::value(&data, &["me".to_owned()], 10_000).unwrap().len() < 20_000);
        data.clear();
    }
}
