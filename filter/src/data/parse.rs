//! Reads one JSON value, as strict and as lenient as Go's encoding/json: text behind the value is ignored, the last of several
//! equal keys wins, invalid UTF-8 is replaced. Strings and numbers become slices of the body: nothing is copied.

use super::cursor::{Cursor, NotJson};
use super::document::{Document, Entry, Node, Span, Text};
use super::parse_error::{ParseError, ParseErrorKind};
use super::part::value;
use super::shape::{Expected, Open};
use super::shapes::{Shapes, Slot};
use super::text::MAX_LEN;
use super::value::{MAX_DEPTH, Value};

/// Reads the first JSON value of a body. A `Vec` is used as it is, a slice is copied once.
///
/// # Errors
/// A [`ParseError`] that says what is wrong with the body, and where.
pub fn parse(body: impl Into<Vec<u8>>) -> Result<Value, ParseError> {
    read(body.into(), |parser| parser.first())
}

/// Reads a text that is one JSON value and nothing else, as Go's `json.Unmarshal` does.
///
/// # Errors
/// As [`parse`], and also for text behind the value.
pub fn parse_whole(text: impl Into<Vec<u8>>) -> Result<Value, ParseError> {
    read(text.into(), |parser| parser.only())
}

fn read(body: Vec<u8>, read: fn(&mut Parser<'_>) -> Result<Node, NotJson>) -> Result<Value, ParseError> {
    if body.len() > MAX_LEN {
        return Err(ParseError { kind: ParseErrorKind::TooLarge, at: MAX_LEN });
    }
    let mut parser = Parser::new(&body);
    let (_, at) = parser.cursor.token(0);
    if at == body.len() {
        return Err(ParseError { kind: ParseErrorKind::Empty, at });
    }
    let root = read(&mut parser).map_err(|NotJson| parser.cursor.error());
    let Parser { cursor: Cursor { mended, .. }, closed, shapes, .. } = parser;
    shapes.keep();
    let root = root?;
    Ok(value(&Document::new(body, mended, closed), root))
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    /// The entries of all open containers so far. When a container closes, it moves its own entries off the end.
    open: Vec<Open>,
    /// The entries of all closed containers, each container's in one piece.
    closed: Vec<Entry>,
    shapes: Box<Shapes>,
}

/// A key that was read; the cursor is behind its quote.
struct Key {
    text: Text,
    /// Its first word.
    word: u64,
    /// Whether the next byte is known to be a colon.
    has_colon: bool,
}

/// The bytes that an entry takes at least in most documents.
const ENTRY_BYTES: usize = 8;

/// Room for this many entries is made at first, however long the document is.
const AT_FIRST: usize = 1_024;

impl<'a> Parser<'a> {
    fn new(body: &'a [u8]) -> Self {
        let expected = (body.len() / ENTRY_BYTES).clamp(1, AT_FIRST);
        let (open, closed) = (Vec::with_capacity(expected / 4), Vec::with_capacity(expected));
        Self { cursor: Cursor::new(body), open, closed, shapes: Shapes::taken() }
    }

    fn first(&mut self) -> Result<Node, NotJson> {
        self.value(0, 0)
    }

    fn only(&mut self) -> Result<Node, NotJson> {
        let node = self.first()?;
        match self.cursor.token(self.cursor.at) {
            (_, at) if at == self.cursor.bytes.len() => Ok(node),
            (_, at) => self.cursor.unexpected_at(at, "the end"),
        }
    }

    // Inlined where containers are read, so that a scalar in one is no call, and a container one only.
    #[inline(always)]
    fn value(&mut self, from: usize, depth: usize) -> Result<Node, NotJson> {
        match self.cursor.token(from) {
            (b'"', at) => Ok(Node::String(self.cursor.string(at)?)),
            (b'{', at) => self.object(at, depth),
            (b'[', at) => self.array(at, depth),
            (b'-' | b'0'..=b'9', at) => self.cursor.number(at),
            (b't', at) => self.word(at, b"true", Node::Bool(true)),
            (b'f', at) => self.word(at, b"false", Node::Bool(false)),
            (b'n', at) => self.word(at, b"null", Node::Null),
            (_, at) => self.cursor.unexpected_at(at, "a value"),
        }
    }

    #[inline(never)]
    fn object(&mut self, from: usize, depth: usize) -> Result<Node, NotJson> {
        if depth >= MAX_DEPTH {
            return self.too_deep(from);
        }
        let start = self.open.len();
        let (mut byte, mut at) = self.cursor.token(from.wrapping_add(1));
        if byte == b'}' {
            self.cursor.at = at.wrapping_add(1);
            return Ok(Node::Table(Span::EMPTY));
        }
        // Equal words are left to `Shape`, and an empty key is, too.
        let (mut is_sorted, mut last, mut slot) = (true, 0, None);
        loop {
            if byte != b'"' {
                return self.cursor.unexpected_at(at, "a key in quotes");
            }
            let Key { text: key, word, has_colon } = self.key(at, slot, self.open.len().wrapping_sub(start))?;
            is_sorted &= last < word;
            last = word;
            slot = slot.or_else(|| Some(Slot::of(word)));
            at = self.cursor.at;
            if !has_colon {
                (byte, at) = self.cursor.token(at);
                if byte != b':' {
                    return self.cursor.unexpected_at(at, "':'");
                }
            }
            let node = self.value(at.wrapping_add(1), depth.wrapping_add(1))?;
            self.open.push(Open { word, entry: Entry { key, node } });
            (byte, at) = self.cursor.token(self.cursor.at);
            match byte {
                b',' => (byte, at) = self.cursor.token(at.wrapping_add(1)),
                b'}' => break,
                _ => return self.cursor.unexpected_at(at, "',' or '}'"),
            }
        }
        self.cursor.at = at.wrapping_add(1);
        Ok(Node::Table(self.close(start, slot.filter(|_| !is_sorted))))
    }

    /// A key, from its opening quote on. `slot`: that of the object's shape, if a key was read before this one.
    #[inline(always)]
    fn key(&mut self, quote: usize, slot: Option<Slot>, number: usize) -> Result<Key, NotJson> {
        let start = quote.wrapping_add(1);
        let expected = slot.and_then(|slot| self.shapes.expected(slot, number, self.cursor.bytes, start));
        if let Some(Expected { word, length, has_colon }) = expected {
            let end = start.wrapping_add(length);
            self.cursor.at = end.wrapping_add(1);
            return Ok(Key { text: Text::in_source(start, end, true), word, has_colon });
        }
        let text = self.cursor.string(quote)?;
        Ok(Key { text, word: self.cursor.texts().first_word(text), has_colon: false })
    }

    #[inline(never)]
    fn array(&mut self, from: usize, depth: usize) -> Result<Node, NotJson> {
        if depth >= MAX_DEPTH {
            return self.too_deep(from);
        }
        let start = self.open.len();
        let (byte, mut at) = self.cursor.token(from.wrapping_add(1));
        if byte == b']' {
            self.cursor.at = at.wrapping_add(1);
            return Ok(Node::List(Span::EMPTY));
        }
        loop {
            let node = self.value(at, depth.wrapping_add(1))?;
            self.open.push(Open { word: 0, entry: Entry { key: Text::NONE, node } });
            match self.cursor.token(self.cursor.at) {
                (b',', comma) => at = comma.wrapping_add(1),
                (b']', end) => {
                    self.cursor.at = end.wrapping_add(1);
                    return Ok(Node::List(self.close(start, None)));
                }
                (_, at) => return self.cursor.unexpected_at(at, "',' or ']'"),
            }
        }
    }

    #[cold]
    fn too_deep(&mut self, at: usize) -> Result<Node, NotJson> {
        self.cursor.at = at;
        self.cursor.fail(ParseErrorKind::TooDeep)
    }

    /// Moves the entries of the innermost container, which begin at `start`, to those of closed containers. `slot`: that of its shape,
    /// if they must be arranged.
    #[inline]
    fn close(&mut self, start: usize, slot: Option<Slot>) -> Span {
        let (from, entries) = (self.closed.len(), self.open.get(start..).unwrap_or_default());
        match slot {
            None => self.closed.extend(entries.iter().map(|open| open.entry)),
            Some(slot) => self.shapes.arrange(slot, entries, self.cursor.texts(), &mut self.closed),
        }
        self.open.truncate(start);
        Span::new(from, self.closed.len())
    }

    fn word(&mut self, at: usize, word: &[u8], node: Node) -> Result<Node, NotJson> {
        let rest = self.cursor.bytes.get(at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.cursor.at = at.wrapping_add(word.len());
            return Ok(node);
        }
        let same = rest.iter().zip(word).take_while(|(found, wanted)| found == wanted).count();
        self.cursor.unexpected_at(at.wrapping_add(same), "true, false or null")
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
    fn objects_that_are_nearly_alike_are_read_as_if_each_were_the_first() {
        let objects = [
            (r#"{"b":1,"a":2,"longer_key":3}"#, r#"{"a":2,"b":1,"longer_key":3}"#),
            (r#"{"b":1,"a":2,"longer_key":3}"#, r#"{"a":2,"b":1,"longer_key":3}"#),
            (r#"{"b":1,"a":2,"longer_kez":3}"#, r#"{"a":2,"b":1,"longer_kez":3}"#),
            (r#"{"b" : 1, "a":2}"#, r#"{"a":2,"b":1}"#),
            (r#"{"b":1,"a":2,"a":3}"#, r#"{"a":3,"b":1}"#),
            (r#"{"b":1,"a":{"b":1,"a":2}}"#, r#"{"a":{"a":2,"b":1},"b":1}"#),
            (r#"{"b\u0000":1,"a":2}"#, r#"{"a":2,"b\u0000":1}"#),
            (r#"{"bc":1,"":2}"#, r#"{"":2,"bc":1}"#),
            (r#"{"bc":1,"":2,"seven77":4,"eight888":5}"#, r#"{"":2,"bc":1,"eight888":5,"seven77":4}"#),
            (r#"{"bc":1,"":2,"seven77":4,"eight888":5}"#, r#"{"":2,"bc":1,"eight888":5,"seven77":4}"#),
            (r#"{"<":1,"&":2}"#, r#"{"\u0026":2,"\u003c":1}"#),
            (r#"{"<":1,"&":2}"#, r#"{"\u0026":2,"\u003c":1}"#),
        ];
        for &(first, first_written) in &objects {
            for &(second, second_written) in &objects {
                let row = [first, first, second, first, first, first].join(",");
                let written =
                    [first_written, first_written, second_written, first_written, first_written, first_written];
                assert_eq!(again(&format!("[{row}]")), format!("[{}]", written.join(",")));
            }
        }
        for bad in [r#"{"b:1,"a":2}"#, r#"{"b"1,"a":2}"#, r#"{"b":1,"a}"#, r#"{"b":1,a":2}"#] {
            assert!(parse(format!(r#"[{{"b":1,"a":2}},{{"b":1,"a":2}},{{"b":1,"a":2}},{bad}]"#)).is_err(), "{bad}");
        }
    }

    #[test]
    fn documents_that_were_read_before_change_nothing() {
        let many = |last: &str| {
            let fields: Vec<String> = (0..300).map(|n| format!("\"k{:03}\":{n}", n * 7 % 300)).collect();
            format!("{{{},\"{last}\":0}}", fields.join(","))
        };
        let documents = [
            r#"{"id":1,"b":2,"a":3}"#.to_owned(),
            r#"{"id":1,"a":2,"b":3}"#.to_owned(),
            r#"{"id":1,"b":2}"#.to_owned(),
            r#"{"id":1,"longer_b":2,"longer_a":3}"#.to_owned(),
            r#"{"id":1,"longer_key_b":2,"longer_key_a":3}"#.to_owned(),
            r#"{"id":1,"b":2,"a":{"id":4,"b":5,"a":6},"id":7}"#.to_owned(),
            many("a"),
            many("z"),
            r#"{"id":1,"b":2,"a":"#.to_owned(),
        ];
        let fresh = |document: &str| {
            let document = document.to_owned();
            std::thread::spawn(move || parse(document).map(|value| super::super::write(&value, 1 << 20)))
                .join()
                .unwrap()
        };
        let texts = |read: Result<_, _>| format!("{read:?}");
        let wanted: Vec<String> = documents.iter().map(|document| texts(fresh(document))).collect();
        for (first, _) in documents.iter().zip(&wanted) {
            for (second, wanted) in documents.iter().zip(&wanted) {
                for document in [first, first, second, second, second] {
                    let read = parse(document.clone()).map(|value| super::super::write(&value, 1 << 20));
                    assert!(document != second || texts(read) == *wanted, "{first} {second}");
                }
            }
        }
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
