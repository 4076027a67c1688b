//! The payload that Envoy's `jwt_authn` verified, in the form in which Envoy keeps it: a `google.protobuf.Struct`, whose
//! numbers are floats. It shows which token was verified, and is used for nothing else.

use prost::Message;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value as Field};

use crate::data::{Table, Value};

/// A verified payload.
pub(super) struct Payload(Struct);

impl Payload {
    /// Reads the bytes that Envoy gives; `None` if they are no such message.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        Struct::decode(bytes).ok().map(Self)
    }

    /// Was the payload made from these claims?
    pub(super) fn is_of(&self, claims: &Table) -> bool {
        same_object(&self.0, claims)
    }
}

// The recursion is as deep as prost reads, which is limited.
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

/// The bytes that Envoy keeps for a payload that it has verified.
#[cfg(test)]
pub(super) fn kept_by_envoy(json: &str) -> Vec<u8> {
    let Ok(Value::Table(claims)) = crate::data::parse(json) else { panic!("{json}") };
    message(&claims).encode_to_vec()
}

#[cfg(test)]
fn message(table: &Table) -> Struct {
    let field = |(key, value): (crate::data::Str, Value)| (key.to_text().into_owned(), field(&value));
    Struct { fields: table.entries().into_iter().map(field).collect() }
}

#[cfg(test)]
fn field(value: &Value) -> Field {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(value) => Kind::BoolValue(*value),
        Value::Number(number) => Kind::NumberValue(number.as_f64()),
        Value::String(text) => Kind::StringValue(text.to_text().into_owned()),
        Value::List(list) => Kind::ListValue(ListValue { values: list.items().iter().map(field).collect() }),
        Value::Table(table) => Kind::StructValue(message(table)),
    };
    Field { kind: Some(kind) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::parse;

    fn table(json: &str) -> Table {
        let Ok(Value::Table(table)) = parse(json) else { panic!("{json}") };
        table
    }

    #[test]
    fn a_payload_is_known_by_all_that_it_says() {
        let text = r#"{"sub": "a", "exp": 4102444800, "n": [1.5, null, true, {"x": []}], "big": 12345678901234567890}"#;
        let payload = Payload::read(&kept_by_envoy(text)).unwrap();
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
    }
}
