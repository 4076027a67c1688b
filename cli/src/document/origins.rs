//! The origin of the bytes of a made text: pieces of the pages that it was made from. Knows nothing of how it was made.

use std::ops::Range;

use super::Page;

/// The pages and pieces that a text was made from.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    pages: Vec<Page>,
    /// The pieces, in the order of the bytes where they begin; each ends where the next one begins.
    pieces: Vec<Piece>,
    /// The origins of the only page, if that page was made from others itself.
    below: Option<Box<Self>>,
}

/// Bytes that came from one place.
#[derive(Debug)]
struct Piece {
    at: usize,
    page: usize,
    source: Range<usize>,
    /// Each byte came from one byte of the source; otherwise all of them came from the whole source.
    exact: bool,
}

impl Origins {
    /// Adds a page, and returns its number.
    pub(super) fn page(&mut self, page: Page) -> usize {
        self.pages.push(page);
        self.pages.len().saturating_sub(1)
    }

    /// Tells the origin of the bytes from `at` on.
    pub(super) fn push(&mut self, at: usize, page: usize, source: Range<usize>, exact: bool) {
        if let Some(last) = self.pieces.last_mut() {
            let follows = exact && last.exact && last.page == page && last.source.end == source.start;
            if follows && at.checked_sub(last.at) == source.start.checked_sub(last.source.start) {
                last.source.end = source.end;
                return;
            }
        }
        self.pieces.push(Piece { at, page, source, exact });
    }

    /// Tells the origins of the only page.
    pub(super) fn over(self, below: Self) -> Self {
        Self { below: Some(Box::new(below)), ..self }
    }

    /// The pages that a user wrote, by number.
    pub(crate) fn pages(&self) -> &[Page] {
        self.below.as_ref().map_or(&self.pages, |below| below.pages())
    }

    /// The page that bytes came from, and their place there. If they came from several pages, the first one counts.
    pub(crate) fn find(&self, made: &Range<usize>) -> Option<(usize, Range<usize>)> {
        let (page, span) = self.here(made)?;
        self.below.as_ref().map_or(Some((page, span.clone())), |below| below.find(&span))
    }

    fn here(&self, made: &Range<usize>) -> Option<(usize, Range<usize>)> {
        let first = self.piece(made.start)?;
        if !first.exact {
            return Some((first.page, first.source.clone()));
        }
        let start = first.byte(made.start);
        let last = self.piece(made.end.saturating_sub(1).max(made.start))?;
        let end = match last.exact {
            _ if made.is_empty() => start,
            true => last.byte(made.end),
            false => last.source.end,
        };
        let end = if last.page == first.page && end >= start { end } else { first.source.end.max(start) };
        Some((first.page, start..end))
    }

    fn piece(&self, byte: usize) -> Option<&Piece> {
        let behind = self.pieces.partition_point(|piece| piece.at <= byte);
        self.pieces.get(behind.saturating_sub(1))
    }
}

impl Piece {
    fn byte(&self, made: usize) -> usize {
        self.source.start.saturating_add(made.saturating_sub(self.at)).min(self.source.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{"a": {{ .x }}, "b": 1}` on one page, and `{"c":2}` on another page for the action.
    fn origins() -> Origins {
        let mut origins = Origins::default();
        let of = |name: &str, text: &str| Page { name: name.to_owned(), text: text.to_owned() };
        let (outer, inner) =
            (origins.page(of("outer", "{\"a\": {{ .x }}, \"b\": {{ .y }}}")), origins.page(of("inner", "{\"c\":2}")));
        origins.push(0, outer, 0..3, true);
        origins.push(3, outer, 3..6, true);
        origins.push(6, inner, 0..7, true);
        origins.push(13, outer, 14..21, true);
        origins.push(20, outer, 21..29, false);
        origins.push(21, outer, 29..30, true);
        origins
    }

    #[test]
    fn bytes_lead_to_the_page_that_they_came_from() {
        let origins = origins();
        let text = |made: Range<usize>| {
            let (page, span) = origins.find(&made).unwrap();
            let page = &origins.pages()[page];
            (page.name.as_str(), page.text.get(span).unwrap())
        };
        assert_eq!(text(1..4), ("outer", "\"a\""));
        assert_eq!(text(7..10), ("inner", "\"c\""));
        assert_eq!(text(20..21), ("outer", "{{ .y }}"));
        assert_eq!(text(15..18), ("outer", "\"b\""));
        assert_eq!(text(15..21), ("outer", "\"b\": {{ .y }}"));
        assert_eq!(text(21..22), ("outer", "}"));
        assert_eq!(text(16..16), ("outer", ""));
        assert!(Origins::default().find(&(0..1)).is_none());
    }

    #[test]
    fn where_bytes_came_from_several_pages_the_first_one_counts() {
        let origins = origins();
        assert_eq!(origins.find(&(1..10)), Some((0, 1..6)));
        assert_eq!(origins.find(&(7..21)), Some((1, 1..7)));
    }
}
