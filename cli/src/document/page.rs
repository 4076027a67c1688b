//! A text with a name, and the places of its lines. Does not read the text's meaning.

/// A file as it was read, or a text that was made from a file.
#[derive(Debug)]
pub(crate) struct Page {
    /// The name that the user or the configuration gave.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Line and column, counted from 1; columns are characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Page {
    /// The line and column of a byte of the text.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count();
        let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let column = before.get(start..).unwrap_or_default().chars().count();
        Position { line: line.saturating_add(1), column: column.saturating_add(1) }
    }

    /// The same position in a message: `krakend.json:7:12`.
    pub(crate) fn place(&self, offset: usize) -> String {
        let Position { line, column } = self.position(offset);
        format!("{}:{line}:{column}", self.name)
    }

    /// The byte at which a line begins, and the line without its end.
    pub(crate) fn line(&self, number: usize) -> Option<(usize, &str)> {
        line(&self.text, number)
    }

    /// The byte of the text at a line and a column that counts bytes, as JSON's parser does.
    pub(crate) fn byte(&self, number: usize, column: usize) -> Option<usize> {
        let (start, line) = self.line(number)?;
        let mut from = column.saturating_sub(1).min(line.len());
        while !line.is_char_boundary(from) {
            from = from.saturating_sub(1);
        }
        Some(start.saturating_add(from))
    }

    /// The byte after the character that begins at a byte. At the end of a line this is the same byte.
    pub(crate) fn after(&self, byte: usize) -> usize {
        let letter = self.text.get(byte..).and_then(|rest| rest.chars().next()).filter(|letter| *letter != '\n');
        byte.saturating_add(letter.map_or(0, char::len_utf8))
    }
}

/// The start of a line of a text, counted from 1, and the line without its end.
pub(crate) fn line(text: &str, number: usize) -> Option<(usize, &str)> {
    let mut start = 0_usize;
    for (index, line) in text.split('\n').enumerate() {
        if index.saturating_add(1) == number {
            return Some((start, line.trim_end_matches('\r')));
        }
        start = start.saturating_add(line.len()).saturating_add(1);
    }
    None
}
