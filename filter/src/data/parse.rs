//! Reads one JSON value, as strict and as lenient as Go's encoding/json: text behind the value is ignored, the last of several
//! equal keys wins, invalid UTF-8 is replaced. Strings and numbers become slices of the body: nothing is copied.

use std::rc::Rc;

use super::cursor::{Cursor, NotJson};
use super::list::List;
use super::parse_error::{ParseError, ParseErrorKind};
use super::table::Table;
use super::text::{MAX_LEN, Str};
use super::value::{MAX_DEPTH, Value};

/// Reads the first JSON value of a body. A `Vec` is used as it is, a slice is copied once.
///
/// # Errors
/// A [`ParseError`] that says what is wrong with the body, and where.
pub fn parse(body: impl Into<Vec<u8>>) -> Result<Value, ParseError> {
    read(body.into(), |parser| parser.value(0))
}

/// Reads a text that is one JSON value and nothing else, as Go's `json.Unmarshal` does.
///
/// # Errors
/// As [`parse`], and also for text behind the value.
pub fn parse_whole(text: impl Into<Vec<u8>>) -> Result<Value, ParseError> {
    read(text.into(), |parser| parser.only())
}

fn read(body: Vec<u8>, read: fn(&mut Parser<'_>) -> Result<Value, NotJson>) -> Result<Value, ParseError> {
    let source = Rc::new(body);
    if source.len() > MAX_LEN {
        return Err(ParseError { kind: ParseErrorKind::TooLarge, at: MAX_LEN });
    }
    let mut parser = Parser { cursor: Cursor::new(&source), items: Vec::new(), fields: Vec::new() };
    if parser.cursor.next_token().is_none() {
        return Err(ParseError { kind: ParseErrorKind::Empty, at: parser.cursor.at });
    }
    read(&mut parser).map_err(|NotJson| parser.cursor.error())
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    /// The items of all open arrays so far. When an array closes, it takes its own items off the end, in one allocation.
    items: Vec<Value>,
    /// The same for the fields of open objects.
    fields: Vec<(Str, Value)>,
}

impl Parser<'_> {
    fn only(&mut self) -> Result<Value, NotJson> {
        let value = self.value(0)?;
        match self.cursor.next_token() {
            None => Ok(value),
            Some(_) => self.cursor.unexpected("the end"),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, NotJson> {
        match self.cursor.next_token() {
            Some(b'"') => Ok(Value::String(self.cursor.string()?)),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => self.cursor.number(),
            Some(b't') => self.word(b"true", Value::Bool(true)),
            Some(b'f') => self.word(b"false", Value::Bool(false)),
            Some(b'n') => self.word(b"null", Value::Null),
            _ => self.cursor.unexpected("a value"),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, NotJson> {
        if depth >= MAX_DEPTH {
            return self.cursor.fail(ParseErrorKind::TooDeep);
        }
        self.cursor.step();
        let start = self.fields.len();
        if self.cursor.next_token() == Some(b'}') {
            self.cursor.step();
            return Ok(Value::Table(Table::new()));
        }
        loop {
            if self.cursor.next_token() != Some(b'"') {
                return self.cursor.unexpected("a key in quotes");
            }
            let key = self.cursor.string()?;
            if self.cursor.next_token() != Some(b':') {
                return self.cursor.unexpected("':'");
            }
            self.cursor.step();
            let value = self.value(depth.saturating_add(1))?;
            self.fields.push((key, value));
            match self.cursor.next_token() {
                Some(b',') => self.cursor.step(),
                Some(b'}') => break,
                _ => return self.cursor.unexpected("',' or '}'"),
            }
        }
        self.cursor.step();
        Ok(Value::Table(Table::from_fields(self.fields.split_off(start))))
    }

    fn array(&mut self, depth: usize) -> Result<Value, NotJson> {
        if depth >= MAX_DEPTH {
            return self.cursor.fail(ParseErrorKind::TooDeep);
        }
        self.cursor.step();
        let start = self.items.len();
        if self.cursor.next_token() == Some(b']') {
            self.cursor.step();
            return Ok(Value::List(List::new()));
        }
        loop {
            let item = self.value(depth.saturating_add(1))?;
            self.items.push(item);
            match self.cursor.next_token() {
                Some(b',') => self.cursor.step(),
                Some(b']') => break,
                _ => return self.cursor.unexpected("',' or ']'"),
            }
        }
        self.cursor.step();
        Ok(Value::List(List::from(self.items.split_off(start))))
    }

    fn word(&mut self, word: &[u8], value: Value) -> Result<Value, NotJson> {
        for &wanted in word {
            if self.cursor.peek() != Some(wanted) {
                return self.cursor.unexpected("true, false or null");
            }
            self.cursor.step();
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(body: &str) -> String {
        String::from_utf8(super::super::write(&parse(body).unwrap(), 1 << 20).unwrap()).unwrap()
    }

    fn kind(body: impl Into<Vec<u8>>) -> ParseErrorKind {
        parse(body).unwrap_err().kind
    }

    #[test]
    fn untouched_numbers_keep_their_spelling() {
        let body = r#"{"arr":[1.0,2.50,1e2],"b53":9007199254740993,"big":12345678901234567890,"e":1e3,"neg0":-0,"z":0.10000000000000000555}"#;
        assert_eq!(again(body), body);
    }

    #[test]
    fn what_stands_behind_the_value_is_ignored() {
        for body in ["{\"a\":1} trailing", "{\"a\":1}{", " {\"a\" : 1}}"] {
            assert_eq!(again(body), r#"{"a":1}"#);
        }
        assert_eq!(again("5x"), "5");
        assert_eq!(again("01"), "0");
    }

    #[test]
    fn a_whole_text_has_nothing_behind_its_value() {
        assert!(parse_whole(" {\"a\":1} \n").is_ok());
        let error = parse_whole("{} x").unwrap_err();
        assert_eq!(error.to_string(), "the body is not JSON: 'x' at byte 3 where the end should be");
    }

    #[test]
    fn a_body_that_ends_too_early_says_so() {
        for body in ["{\"a\":1", "{", "[1,", "\"x", "\"x\\", "\"\\u00", "-", "1.", "1e", "tru", "{\"a\"", "{\"a\":"] {
            assert_eq!(kind(body), ParseErrorKind::Truncated, "{body}");
        }
        for body in ["", " \n\t\r "] {
            assert_eq!(kind(body), ParseErrorKind::Empty);
        }
    }

    #[test]
    fn what_is_not_json_is_refused_with_the_place() {
        let error = parse("<html>").unwrap_err();
        assert_eq!(error.to_string(), "the body is not JSON: '<' at byte 0 where a value should be");
        for body in [
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "[01]",
            "[.5]",
            "[+1]",
            "[1.]",
            "[1e]",
            "['a']",
            "[nul]",
            "\"a\nb\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "[1 2]",
            "{\"a\" 1}",
            "\u{feff}{}",
            "[tRue]",
            "\"\\n\u{1}\"",
        ] {
            assert!(matches!(kind(body), ParseErrorKind::Unexpected(..)), "{body}");
        }
    }

    #[test]
    fn strings_are_unescaped_and_mended() {
        assert_eq!(again(r#""\u00e9\ud83d\ude00\/\"\\\b\f\n\r\t""#), "\"é😀/\\\"\\\\\\b\\f\\n\\r\\t\"");
        assert_eq!(again(r#"["\ud800","\ud800\u0041","\ude00\ud83d","\ud800x"]"#), r#"["�","�A","��","�x"]"#);
        let Value::String(text) = parse(&b"\"a\xffb\xe2\x80c\""[..]).unwrap() else { panic!() };
        assert_eq!(text.to_text(), "a\u{fffd}b\u{fffd}\u{fffd}c");
    }

    #[test]
    fn escaped_keys_and_equal_keys_meet() {
        assert_eq!(again(r#"{"b":1,"a":2,"\u0062":3}"#), r#"{"a":2,"b":3}"#);
    }

    #[test]
    fn nesting_has_a_limit_that_fits_a_small_stack() {
        std::thread::Builder::new()
            .stack_size(if cfg!(debug_assertions) { 4 << 20 } else { 512 << 10 })
            .spawn(|| {
                let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
                assert_eq!(again(&deep(MAX_DEPTH)), deep(MAX_DEPTH));
                assert_eq!(kind(deep(MAX_DEPTH + 1)), ParseErrorKind::TooDeep);
                assert_eq!(kind("{\"a\":".repeat(100_000)), ParseErrorKind::TooDeep);
            })
            .unwrap()
            .join()
            .unwrap();
    }
}
