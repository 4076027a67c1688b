//! Parameters that a backend takes from the data of an earlier one, where backends are called one after the other:
//! `{resp0_user.id}` in a `url_pattern`.

use crate::config::{Backend, Piece};
use crate::data::{Table, Value};
use crate::pipeline::format::go_text::parameter;

/// The parameters of a backend that stand in the data of earlier ones, which `data` knows by the backend's number.
pub(super) fn parameters<'a>(
    backend: &'a Backend,
    data: impl Fn(usize) -> Option<Table> + 'a,
) -> impl Iterator<Item = (String, String)> + 'a {
    backend.url_pattern.pieces.iter().filter_map(move |piece| match piece {
        Piece::Response { key, backend, path } => Some((key.clone(), value(&data(*backend)?, path)?)),
        Piece::Literal(_) | Piece::Param(_) => None,
    })
}

/// The value that a path of keys leads to in a backend's data, as text; none if it is not there, and then the parameter stays
/// as it was.
fn value(data: &Table, path: &[String]) -> Option<String> {
    let (last, way) = path.split_last()?;
    let mut data = data.clone();
    for part in way {
        // KrakenD: where the way ends early, the last part is looked up in what was reached.
        let Some(Value::Table(inner)) = data.get(part.as_bytes()) else { break };
        data = inner;
    }
    data.get(last.as_bytes()).map(|value| parameter(&value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Encoding;
    use crate::data::{List, Number, Str};
    use crate::pipeline::format::decode;

    fn value(name: &str, data: &Table) -> Option<String> {
        let path: Vec<String> = name.split_once('_')?.1.split('.').map(str::to_owned).collect();
        super::value(data, &path)
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
        data.clear();
    }
}
