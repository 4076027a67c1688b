//! From XML to data, element by element, like mxj (xmlToMapParser), with its peculiarities: of several pieces of text before
//! the first child, the last one counts; text after a child counts only if there was none before it; anything after the root is
//! not read.

use std::collections::BTreeMap;

use super::tokens::{Token, Tokens, Trust, XmlError, to_utf8};
use crate::data::{List, Str, Table, Value};

const TEXT: &str = "#text";

/// The letters that mxj removes at both ends of a text.
const SPACE: [char; 5] = ['\t', '\r', '\u{8}', '\n', ' '];

/// An element whose end has not come.
struct Element {
    name: Str,
    /// Text that came before any child or attribute: it is the whole value, or becomes `#text` in the end.
    first: Option<Str>,
    fields: BTreeMap<Str, Field>,
}

enum Field {
    One(Value),
    Many(Vec<Value>),
}

/// Reads a document as a table whose only key is the name of its root.
///
/// # Errors
/// [`XmlError`] for faults up to the end of the root.
pub(crate) fn read(body: &[u8]) -> Result<Table, XmlError> {
    let text = to_utf8(body)?;
    let mut tokens = Tokens::new(&text, Trust::Strict);
    let mut open: Vec<Element> = Vec::new();
    loop {
        match tokens.next()? {
            Token::Start(name, attributes) => open.push(Element::new(&name, attributes)),
            Token::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.add_text(&text);
                }
            }
            Token::End => {
                let Some(ended) = open.pop() else { continue };
                let name = ended.name.clone();
                let value = ended.value();
                match open.last_mut() {
                    Some(parent) => parent.add(name, value),
                    None => return Ok([(name, value)].into_iter().collect()),
                }
            }
        }
    }
}

impl Element {
    fn new(name: &str, attributes: Vec<(String, String)>) -> Self {
        let key = |name: &str| Str::from(format!("-{}", local(name)));
        let fields = attributes.into_iter().map(|(name, value)| (key(&name), Field::One(Value::String(value.into()))));
        Self { name: Str::from(local(name)), first: None, fields: fields.collect() }
    }

    fn add_text(&mut self, text: &str) {
        let text = text.trim_matches(SPACE);
        if text.is_empty() {
            return;
        }
        if self.fields.is_empty() {
            self.first = Some(Str::from(text));
        } else {
            self.fields.insert(Str::from(TEXT), Field::One(Value::from(text)));
        }
    }

    fn add(&mut self, name: Str, value: Value) {
        match self.fields.get_mut(name.as_bytes()) {
            Some(Field::Many(values)) => values.push(value),
            Some(field) => {
                if let Field::One(first) = std::mem::replace(field, Field::Many(Vec::new())) {
                    *field = Field::Many(vec![first, value]);
                }
            }
            None => drop(self.fields.insert(name, Field::One(value))),
        }
    }

    fn value(mut self) -> Value {
        match self.first.take() {
            Some(text) if self.fields.is_empty() => return Value::String(text),
            Some(text) => drop(self.fields.insert(Str::from(TEXT), Field::One(Value::String(text)))),
            None if self.fields.is_empty() => return Value::from(""),
            None => {}
        }
        let value = |field| match field {
            Field::One(value) => value,
            Field::Many(values) => Value::List(List::from(values)),
        };
        Value::Table(self.fields.into_iter().map(|(name, field)| (name, value(field))).collect())
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    match name.split_once(':') {
        Some((prefix, local)) if !prefix.is_empty() && !local.is_empty() => local,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::write_table;

    fn read_as(text: &[u8]) -> String {
        match read(text) {
            Ok(table) => String::from_utf8(write_table(&table, 10_000).unwrap()).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn text_and_children_are_what_mxj_makes_of_them() {
        let rows = [
            ("<r>a<b/>c</r>", r##"{"r":{"#text":"a","b":""}}"##),
            ("<r><b/>c<d/>e</r>", r##"{"r":{"#text":"e","b":"","d":""}}"##),
            ("<r>a<!-- x -->b</r>", r#"{"r":"b"}"#),
            ("<r>a<![CDATA[b]]></r>", r#"{"r":"b"}"#),
            ("<r>a&amp;b&#65;\r\nc</r>", r#"{"r":"a\u0026bA\nc"}"#),
            ("<r><a>1</a><a/><a>2</a></r>", r#"{"r":{"a":["1","","2"]}}"#),
            ("<s:E xmlns:s=\"u\" s:x=\"1\"><s:B/></s:E>", r#"{"E":{"-s":"u","-x":"1","B":""}}"#),
            ("junk <?pi x?><!DOCTYPE r [<!ENTITY a \"b\">]><r>x</r> junk <", r#"{"r":"x"}"#),
            ("<r a='1' a='2'/>", r#"{"r":{"-a":"2"}}"#),
        ];
        for (text, data) in rows {
            assert_eq!(read_as(text.as_bytes()), data, "{text}");
        }
    }

    #[test]
    fn what_is_no_xml_is_an_error_that_says_where() {
        let rows: [(&[u8], &str); 13] = [
            (b"", "there is no element"),
            (b"{\"a\":1}", "there is no element"),
            (b"<r>\n<a>", "line 2: the text ends while an element is open"),
            (b"<r><a></r>", "expected `</a>`"),
            (b"<-a/>", "\"-a\" is no name"),
            (b"<a:b:c/>", "is no name"),
            (b"<r>&lol;</r>", "the entity &lol; is unknown"),
            (b"<r a=\"&lol;\"/>", "the entity &lol; is unknown"),
            (b"<r>\xff</r>", "invalid UTF-8"),
            (b"<r a=\"\xff\"/>", "invalid UTF-8"),
            (b"<r>\x01</r>", "U+0001 is no letter"),
            (b"<r>]]></r>", "outside of CDATA"),
            (b"<?xml version=\"1.1\"?><r/>", "version \"1.1\""),
        ];
        for (text, words) in rows {
            let told = read_as(text);
            assert!(told.contains(words), "{}: {told}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| ("<a>".repeat(levels) + &"</a>".repeat(levels)).into_bytes();
        assert!(read(&nested(1_000)).is_ok());
        assert!(read_as(&nested(1_001)).contains("deeper than 1000 levels"));
        assert!(read_as("<a>".repeat(300_000).as_bytes()).contains("deeper than 1000 levels"));
    }

    #[test]
    fn entities_never_grow() {
        let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><r>&b;</r>";
        assert!(read_as(bomb.as_bytes()).contains("the entity &b; is unknown"));
    }
}
