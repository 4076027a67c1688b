//! The tokens of an XML document, as strict as Go's encoding/xml: comments, instructions and DTDs are skipped, and a reference
//! that is not predefined is an error. The depth is limited. Knows nothing of the tokens' use.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::charset::decode;
use super::letters::{self, Fault};
use crate::data::MAX_DEPTH;

/// The words after the name of an unknown charset.
const OTHERS: &str = if cfg!(feature = "charsets") { "" } else { " (UTF-8 is, and those of one byte a letter)" };

/// Why a text is not XML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct XmlError {
    what: String,
    /// The line in the text's UTF-8 form, counted from 1.
    line: usize,
}

/// One piece of the document.
pub(crate) enum Token {
    /// A tag that opens an element: `ns:name` and its attributes.
    Start(String, Vec<(String, String)>),
    /// Text without a tag, comment or CDATA in it, or the content of one CDATA section.
    Text(String),
    /// The end of the element that was opened last.
    End,
}

/// How strictly a document is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// An unknown reference is an error.
    Strict,
    /// An unknown reference is text, and so is a single `&`: people write feeds by hand.
    Lenient,
}

impl Trust {
    /// The most levels of elements. Feeds are processed by recursion.
    fn deepest(self) -> usize {
        match self {
            Self::Strict => MAX_DEPTH,
            Self::Lenient => 100,
        }
    }
}

/// Walks through a document in UTF-8.
pub(crate) struct Tokens<'a> {
    text: &'a [u8],
    reader: Reader<&'a [u8]>,
    trust: Trust,
    held: Option<Event<'a>>,
    depth: usize,
    token: Range<usize>,
}

impl<'a> Tokens<'a> {
    /// Begins at the start of a document.
    pub(crate) fn new(text: &'a [u8], trust: Trust) -> Self {
        let mut reader = reader(text);
        reader.config_mut().allow_dangling_amp = trust == Trust::Lenient;
        Self { text, reader, trust, held: None, depth: 0, token: 0..0 }
    }

    /// The place of the last tag, in bytes.
    #[cfg(feature = "rss")]
    pub(crate) fn place(&self) -> Range<usize> {
        self.token.clone()
    }

    /// The next token.
    ///
    /// # Errors
    /// The document is broken, or ends inside an element or before the first one.
    pub(crate) fn next(&mut self) -> Result<Token, XmlError> {
        let mut text: Option<String> = None;
        loop {
            let event = match self.held.take() {
                Some(event) => event,
                None => self.read()?,
            };
            match event {
                Event::Text(piece) => {
                    let piece = piece.into_inner();
                    if self.trust == Trust::Strict && contains(&piece, b"]]>") {
                        return Err(self.error("]]> stands outside of CDATA"));
                    }
                    letters::append(&piece, text.get_or_insert_default()).map_err(|fault| self.error(fault))?;
                }
                Event::GeneralRef(name) => {
                    let (name, text) = (name.into_inner(), text.get_or_insert_default());
                    match letters::referred(&name) {
                        Some(letter) => text.push(letter),
                        None if self.trust == Trust::Lenient => {
                            text.push_str(&format!("&{};", String::from_utf8_lossy(&name)));
                        }
                        None => return Err(self.error(letters::unknown(&name))),
                    }
                }
                event => {
                    if let Some(text) = text {
                        self.held = Some(event);
                        return Ok(Token::Text(text));
                    }
                    if let Some(token) = self.token_of(event)? {
                        return Ok(token);
                    }
                }
            }
        }
    }

    fn read(&mut self) -> Result<Event<'a>, XmlError> {
        let start = self.position();
        let event = self.reader.read_event().map_err(|error| self.error(error.to_string()))?;
        self.token = start..self.position();
        Ok(event)
    }

    fn token_of(&mut self, event: Event<'a>) -> Result<Option<Token>, XmlError> {
        Ok(match event {
            Event::Start(tag) => {
                self.depth = self.depth.saturating_add(1);
                let deepest = self.trust.deepest();
                if self.depth > deepest {
                    return Err(self.error(format!("elements nest deeper than {deepest} levels")));
                }
                let (name, attributes) = self.tag(&tag).map_err(|fault| self.error(fault))?;
                Some(Token::Start(name, attributes))
            }
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                Some(Token::End)
            }
            Event::CData(section) => {
                let mut text = String::new();
                letters::append(&section.into_inner(), &mut text).map_err(|fault| self.error(fault))?;
                Some(Token::Text(text))
            }
            Event::Eof if self.depth > 0 => return Err(self.error("the text ends while an element is open")),
            Event::Eof => return Err(self.error("there is no element")),
            Event::Decl(_) if self.depth > 0 => return Err(self.error("<?xml stands within an element")),
            _ => None,
        })
    }

    fn tag(&self, tag: &BytesStart<'_>) -> Result<(String, Vec<(String, String)>), Fault> {
        let name = name(tag.name().as_ref())?;
        let mut attributes = Vec::new();
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            if self.trust == Trust::Strict && attribute.value.contains(&b'<') {
                return Err("< stands in the value of an attribute".into());
            }
            let value = letters::unescaped(&attribute.value, self.trust == Trust::Lenient)?;
            attributes.push((self::name(attribute.key.as_ref())?, value));
        }
        Ok((name, attributes))
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn error(&self, what: impl Into<String>) -> XmlError {
        XmlError::at(self.text, self.position(), what.into())
    }
}

impl XmlError {
    fn at(text: &[u8], position: usize, what: String) -> Self {
        let before = text.get(..position).unwrap_or(text);
        Self { what, line: before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1) }
    }
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body is not XML: line {}: {}", self.line, self.what)
    }
}

fn name(name: &[u8]) -> Result<String, Fault> {
    let name = std::str::from_utf8(name).map_err(|_| Fault::from("there is invalid UTF-8"))?;
    let colons = name.bytes().filter(|byte| *byte == b':').count();
    if !letters::is_name(name) || colons > 1 {
        return Err(format!("\"{}\" is no name", name.chars().take(40).collect::<String>().escape_debug()).into());
    }
    Ok(name.to_owned())
}

fn reader(text: &[u8]) -> Reader<&[u8]> {
    let mut reader = Reader::from_reader(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_comments = true;
    reader
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The document in UTF-8. As in KrakenD, its charset is the one in `<?xml encoding="…"?>`, never that of a header.
///
/// # Errors
/// The charset or the version of XML is unknown.
pub(crate) fn to_utf8(text: &[u8]) -> Result<Cow<'_, [u8]>, XmlError> {
    let mut reader = reader(text);
    let declared = loop {
        match reader.read_event() {
            Ok(Event::Decl(declared)) => break declared,
            Ok(Event::Text(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_)) => {}
            // A fault here is reported by the code that reads the document.
            _ => return Ok(Cow::Borrowed(text)),
        }
    };
    let behind = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
    let error = |what: String| XmlError::at(text, behind, what);
    let shown =
        |text: &[u8]| String::from_utf8_lossy(text).chars().take(40).collect::<String>().escape_debug().to_string();
    if let Ok(version) = declared.version()
        && *version != *b"1.0"
    {
        return Err(error(format!("version \"{}\" is not known, only 1.0", shown(&version))));
    }
    match declared.encoding() {
        Some(Ok(label)) if !label.is_empty() && !label.eq_ignore_ascii_case(b"utf-8") => {
            let rest = text.get(behind..).unwrap_or_default();
            match decode(&label, rest) {
                Some(decoded) => Ok(Cow::Owned(decoded)),
                None => Err(error(format!("the charset \"{}\" is not known{}", shown(&label), OTHERS))),
            }
        }
        _ => Ok(Cow::Borrowed(text)),
    }
}
