//! A configuration that Envoy was given as a `google.protobuf.Struct`. It reaches the plugin as that message's bytes, although
//! Envoy's reference speaks of JSON (seen in 1.36 and 1.40).

use prost::Message;
use prost_types::Struct;
use prost_types::value::Kind;
use serde_json::{Map, Value};

/// The tag of the message's one field. A JSON text begins with this byte only if it begins with a line break.
const TAG: u8 = 0x0a;

/// The document in the bytes of a message; `None` if the bytes are no message.
pub(super) fn document(bytes: &[u8]) -> Option<Value> {
    bytes.first().filter(|first| **first == TAG)?;
    Struct::decode(bytes).ok().map(object)
}

// Recursion is safe here: it goes as deep as prost reads, a hundred levels.
fn object(message: Struct) -> Value {
    let fields = message.fields.into_iter();
    Value::Object(fields.map(|(key, field)| (key, value(field.kind))).collect::<Map<_, _>>())
}

fn value(kind: Option<Kind>) -> Value {
    match kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(value)) => value.into(),
        Some(Kind::NumberValue(number)) => whole(number).map_or_else(|| number.into(), Value::from),
        Some(Kind::StringValue(text)) => text.into(),
        Some(Kind::ListValue(list)) => list.values.into_iter().map(|item| value(item.kind)).collect(),
        Some(Kind::StructValue(message)) => object(message),
    }
}

// The message knows only floats, while the document may have whole numbers.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_types::{ListValue, Value as Field};
    use serde_json::json;

    fn field(kind: Kind) -> Field {
        Field { kind: Some(kind) }
    }

    #[test]
    fn a_message_is_read_like_the_text_that_it_stands_for() {
        let list =
            ListValue { values: vec![field(Kind::NumberValue(0.5)), field(Kind::NullValue(0)), Field { kind: None }] };
        let inner = Struct { fields: [("on".to_owned(), field(Kind::BoolValue(true)))].into() };
        let fields = [
            ("version", Kind::NumberValue(3.0)),
            ("name", Kind::StringValue("é".to_owned())),
            ("list", Kind::ListValue(list)),
            ("inner", Kind::StructValue(inner)),
        ];
        let message = Struct { fields: fields.map(|(key, kind)| (key.to_owned(), field(kind))).into() };
        let text = json!({"version": 3, "name": "é", "list": [0.5, null, null], "inner": {"on": true}});
        assert_eq!(document(&message.encode_to_vec()), Some(text));
    }

    #[test]
    fn what_is_no_message_is_left_to_others() {
        let deep = (0..200).fold(Struct::default(), |inner, _| Struct {
            fields: [("a".to_owned(), field(Kind::StructValue(inner)))].into(),
        });
        for bytes in [&b""[..], b"{}", b"\n{\"version\": 3}", b"\n\xff\xff", &deep.encode_to_vec()] {
            assert_eq!(document(bytes), None);
        }
    }
}
