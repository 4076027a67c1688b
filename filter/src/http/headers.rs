//! An ordered multimap of headers. Names are kept in lower case, as they reach an Envoy filter, and shown in Go's canonical
//! form (`x-lua` → `X-Lua`) where a script lists them. Values are bytes. Copies share names and values: every exchange makes
//! several copies and changes little in them.

use std::collections::BTreeMap;
use std::rc::Rc;

/// The headers of one message, in order; a name may occur several times. Names compare without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    entries: Vec<(Rc<str>, Rc<Vec<u8>>)>,
}

/// One step that turns the headers of a held message into other headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// All values of this name go.
    Remove(String),
    /// The name has this one value from now on.
    Set(String, Vec<u8>),
    /// One more value for the name.
    Add(String, Vec<u8>),
}

impl Headers {
    /// No headers at all.
    pub fn new() -> Headers {
        Headers::default()
    }

    /// Adds a value behind those that the name has.
    pub fn append(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.entries.push((lower(name), Rc::new(value.into())));
    }

    /// Gives the name this one value, in the place of its first one.
    pub fn set(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.set_all(name, [value.into()]);
    }

    /// Gives the name these values and no others; none removes it.
    pub fn set_all(&mut self, name: &str, values: impl IntoIterator<Item = Vec<u8>>) {
        let at = self.position(name).unwrap_or(self.entries.len());
        self.remove(name);
        let at = at.min(self.entries.len());
        let name = lower(name);
        let new: Vec<_> = values.into_iter().map(|value| (Rc::clone(&name), Rc::new(value))).collect();
        self.entries.splice(at..at, new);
    }

    /// Removes every value of the name.
    pub fn remove(&mut self, name: &str) {
        self.entries.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// The first value of the name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let found = self.entries.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_slice())
    }

    /// The first value as text; `None` where it is not UTF-8.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Every value of the name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let same = move |known: &str| known.eq_ignore_ascii_case(name);
        self.entries.iter().filter(move |(known, _)| same(known)).map(|(_, value)| value.as_slice())
    }

    /// Does the name have a value?
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Takes over every pair of other headers that passes, behind its own.
    pub fn extend_from(&mut self, other: &Headers, mut pass: impl FnMut(&str) -> bool) {
        let passing = other.entries.iter().filter(|(name, _)| pass(name));
        self.entries.extend(passing.map(|(name, value)| (Rc::clone(name), Rc::clone(value))));
    }

    /// Every pair of a lower-case name and a value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries.iter().map(|(name, value)| (name.as_ref(), value.as_slice()))
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Is there no header?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Keeps the pairs whose lower-case name and value pass.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &[u8]) -> bool) {
        self.entries.retain(|(name, value)| keep(name, value));
    }

    /// The values of each name; names in lower case, sorted.
    pub fn grouped(&self) -> BTreeMap<&str, Vec<&[u8]>> {
        let mut groups: BTreeMap<&str, Vec<&[u8]>> = BTreeMap::new();
        for (name, value) in self.iter() {
            groups.entry(name).or_default().push(value);
        }
        groups
    }

    /// Why these headers cannot be sent, in Go's words: a name that is no token, a value with control characters.
    pub fn fault(&self) -> Option<String> {
        self.entries.iter().find_map(|(name, value)| {
            if !is_token(name) {
                return Some(format!("net/http: invalid header field name {name:?}"));
            }
            let broken = value.iter().any(|byte| is_control(*byte));
            broken.then(|| format!("net/http: invalid header field value for {:?}", canonical(name)))
        })
    }

    /// The headers as they can be answered: as Go's server does it, without names that are none, and with spaces for
    /// control characters.
    pub fn mended(mut self) -> Headers {
        self.entries.retain(|(name, _)| is_token(name));
        for (_, value) in &mut self.entries {
            if value.iter().any(|byte| is_control(*byte)) {
                Rc::make_mut(value).iter_mut().filter(|byte| is_control(**byte)).for_each(|byte| *byte = b' ');
            }
        }
        self
    }

    /// The steps that turn these headers into `after`. Headers that stay cost nothing; the order of names is not kept.
    pub fn edits(&self, after: &Headers) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut seen: Vec<&str> = Vec::with_capacity(after.len());
        for (name, _) in after.iter() {
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            if self.get_all(name).eq(after.get_all(name)) {
                continue;
            }
            for (position, value) in after.get_all(name).enumerate() {
                let (name, value) = (name.to_owned(), value.to_vec());
                edits.push(if position == 0 { Edit::Set(name, value) } else { Edit::Add(name, value) });
            }
        }
        let mut removed: Vec<&str> = Vec::new();
        for (name, _) in self.iter() {
            if !seen.contains(&name) && !removed.contains(&name) {
                removed.push(name);
                edits.push(Edit::Remove(name.to_owned()));
            }
        }
        edits
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.entries.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}

impl<N: AsRef<str>, V: Into<Vec<u8>>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Headers {
        let entries = pairs.into_iter().map(|(name, value)| (lower(name.as_ref()), Rc::new(value.into()))).collect();
        Headers { entries }
    }
}

// A line break would begin another header, and Envoy takes none of them.
fn is_control(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7f
}

fn lower(name: &str) -> Rc<str> {
    let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
    if is_lower { Rc::from(name) } else { Rc::from(name.to_ascii_lowercase()) }
}

/// Go's canonical spelling of a header name: `x-lua` → `X-Lua`. A name with a character that no header name may have stays as it is.
pub fn canonical(name: &str) -> String {
    if !is_token(name) {
        return name.to_owned();
    }
    let mut start = true;
    let spell = |letter: char| {
        let spelled = if start { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        start = letter == '-';
        spelled
    };
    name.chars().map(spell).collect()
}

/// May this be a header name or a method (RFC 9110 `token`)?
pub fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        pairs.iter().map(|(name, value)| (*name, *value)).collect()
    }

    #[test]
    fn names_are_found_in_any_case_and_shown_in_gos_spelling() {
        let map = headers(&[("x-lua", "1"), ("X-LUA", "2")]);
        assert_eq!(map.get_all("X-Lua").collect::<Vec<_>>(), [b"1", b"2"]);
        assert_eq!(canonical("x-krakend-COMPLETED"), "X-Krakend-Completed");
        assert_eq!(canonical("not a name"), "not a name");
    }

    #[test]
    fn setting_replaces_every_value_in_the_place_of_the_first() {
        let mut map = headers(&[("a", "1"), ("b", "2"), ("a", "3")]);
        map.set("A", "9");
        assert_eq!(map, headers(&[("a", "9"), ("b", "2")]));
    }

    #[test]
    fn headers_that_would_break_out_of_their_line_are_found_or_mended() {
        let map = headers(&[("x-a", "1\r\nx-b: 2"), ("not a name", "1"), (":path", "/x"), ("x-c", "\0\t\x7f")]);
        assert_eq!(map.fault().unwrap(), "net/http: invalid header field value for \"X-A\"");
        assert_eq!(headers(&[("", "1")]).fault().unwrap(), "net/http: invalid header field name \"\"");
        assert_eq!(map.mended(), headers(&[("x-a", "1  x-b: 2"), ("x-c", " \t ")]));
    }

    #[test]
    fn edits_name_only_what_changed() {
        let before = headers(&[("a", "1"), ("b", "2"), ("c", "3"), ("c", "4")]);
        let after = headers(&[("a", "1"), ("c", "3"), ("d", "5"), ("d", "6")]);
        let text = |text: &str| text.to_owned();
        let expected = [
            Edit::Set(text("c"), b"3".to_vec()),
            Edit::Set(text("d"), b"5".to_vec()),
            Edit::Add(text("d"), b"6".to_vec()),
            Edit::Remove(text("b")),
        ];
        assert_eq!(before.edits(&after), expected);
        assert_eq!(before.edits(&before), []);
    }
}
