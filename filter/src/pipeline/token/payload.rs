//! The payload that Envoy's `jwt_authn` verified, as it keeps it: a `google.protobuf.Struct`, whose numbers are floats. It tells which
//! token was verified, and nothing else is taken from it.

use prost::Message;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value as Field};

use crate::data::{Table, Value, parse};

/// What was verified.
pub(super) struct Payload(Struct);

impl Payload {
    /// Reads what Envoy gives; `None` where these bytes are no such message.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        Struct::decode(bytes).ok().map(Self)
    }

    /// Was it made from these claims?
    pub(super) fn is_of(&self, claims: &Table) -> bool {
        same_object(&self.0, claims)
    }
}

/// What Envoy would keep of a payload that it verified: for those who verify in its place, such as a server without Envoy. `None`
/// where it is no JSON object, or nests deeper than Envoy reads.
pub fn verified_payload(json: &[u8]) -> Option<Vec<u8>> {
    let Value::Table(claims) = parse(json).ok()? else { return None };
    Some(message(&claims, 0)?.encode_to_vec())
}

// As deep as prost reads.
fn same_object(message: &Struct, table: &Table) -> bool {
    let same_field =
        |(key, field): (&String, &Field)| table.get(key.as_bytes()).is_some_and(|value| same(field, &value));
    message.fields.len() == table.len() && message.fields.iter().all(same_field)
}

fn same(field: &Field, value: &Value) -> bool {
    match (&field.kind, value) {
        (Some(Kind::NullValue(_)), Value::Null) => true,
        (Some(Kind::BoolValue(one)), Value::Bool(other)) => one == other,
        (Some(Kind::NumberValue(one)), Value::Number(other)) => one.is_finite() && *one == other.as_f64(),
        (Some(Kind::StringValue(one)), Value::String(other)) => one.as_bytes() == other.as_bytes(),
        (Some(Kind::ListValue(ListValue { values })), Value::List(list)) => {
            values.len() == list.len() && values.iter().zip(list.items()).all(|(field, item)| same(field, &item))
        }
        (Some(Kind::StructValue(message)), Value::Table(table)) => same_object(message, table),
        _ => false,
    }
}

const DEEPEST: usize = 30; // prost reads a hundred messages within each other, and a level is up to three

fn message(table: &Table, depth: usize) -> Option<Struct> {
    let fields = table.entries().into_iter();
    let fields = fields.map(|(key, value)| Some((key.to_text().into_owned(), field(&value, depth)?)));
    Some(Struct { fields: fields.collect::<Option<_>>()? })
}

fn field(value: &Value, depth: usize) -> Option<Field> {
    let deeper = depth.checked_add(1).filter(|depth| *depth < DEEPEST)?;
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(value) => Kind::BoolValue(*value),
        Value::Number(number) => Kind::NumberValue(Some(number.as_f64()).filter(|number| number.is_finite())?),
        Value::String(text) => Kind::StringValue(text.to_text().into_owned()),
        Value::List(list) => {
            let values: Option<_> = list.items().iter().map(|item| field(item, deeper)).collect();
            Kind::ListValue(ListValue { values: values? })
        }
        Value::Table(table) => Kind::StructValue(message(table, deeper)?),
    };
    Some(Field { kind: Some(kind) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(json: &str) -> Table {
        let Ok(Value::Table(table)) = parse(json) else { panic!("{json}") };
        table
    }

    #[test]
    fn a_payload_is_known_by_all_that_it_says() {
        let text = r#"{"sub": "a", "exp": 4102444800, "n": [1.5, null, true, {"x": []}], "big": 12345678901234567890}"#;
        let payload = Payload::read(&verified_payload(text.as_bytes()).unwrap()).unwrap();
        assert!(payload.is_of(&table(text)));
        for (from, to) in [
            ("\"a\"", "\"b\""),
            ("1.5", "1.6"),
            ("null", "false"),
            ("[]", "{}"),
            ("12345", "22345"),
            ("{\"sub", "{\"y\":1,\"sub"),
            ("\"n\"", "\"m\""),
        ] {
            assert!(!payload.is_of(&table(&text.replacen(from, to, 1))), "{from} {to}");
        }
        assert!(!payload.is_of(&table("{}")));
        assert!(!Payload::read(b"").unwrap().is_of(&table(text)));
    }

    #[test]
    fn hostile_bytes_are_no_payload() {
        for bytes in [&b"{\"sub\": 1}"[..], b"\x0a\xff", &[0x0a; 9]] {
            assert!(Payload::read(bytes).is_none());
        }
        for json in ["[]", "{", "1", &format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40)), "{\"a\": 1e999}"] {
            assert_eq!(verified_payload(json.as_bytes()), None, "{json}");
        }
    }
}
