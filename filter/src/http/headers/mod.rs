//! An ordered multimap of headers. Names are kept in lower case, as they reach an Envoy filter, and shown in Go's canonical
//! form (`x-lua` → `X-Lua`) where a script lists them. Values are bytes.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use super::block::{Block, Entry};
use super::field::{FieldValue, is_token};
use super::field_name::{FieldName, Name};
use super::name_class::NameClasses;
use super::received::{Received, Shown};
use super::shared_block::SharedBlock;
use super::wire_text::WirePart;

/// The headers of one message; a name may occur several times. Names compare without regard to case. The values of a name are in
/// order; the order of different names means nothing.
#[derive(Clone, Default)]
pub struct Headers {
    // Of the headers that came with a message, those that this message has.
    received: Received,
    // The others, which come behind them; copied only if a message changes them that shares them with another.
    own: SharedBlock,
}

impl Headers {
    /// No headers at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// No headers, and room for `count` of them.
    pub fn with_capacity(count: usize) -> Self {
        let mut headers = Self::default();
        if count > 0 {
            headers.owned().reserve(count);
        }
        headers
    }

    /// Makes changed copies cheap: from now on, messages that are made of this one share its headers. (More than 64 are copied.)
    pub fn share(&mut self) {
        if self.received.is_empty()
            && let Some(received) = Received::new(&mut self.own)
        {
            *self = Self { received, own: SharedBlock::default() };
        }
    }

    /// Adds a value behind the values that the name has.
    pub fn append<'n>(&mut self, name: impl Into<Name<'n>>, value: impl Into<FieldValue>) {
        self.push(name.into(), value.into());
    }

    /// Adds a header as the host hands it over, behind the values that the name has. In the name, what is not UTF-8 becomes U+FFFD.
    pub fn append_from_wire(&mut self, name: &[u8], value: WirePart) {
        self.owned().entries.push((FieldName::from_wire(name), FieldValue::from_wire(value)));
    }

    fn push(&mut self, name: Name<'_>, value: FieldValue) {
        self.owned().entries.push((name.kept(), value));
    }

    /// Gives the name this one value.
    pub fn set<'n>(&mut self, name: impl Into<Name<'n>>, value: impl Into<FieldValue>) {
        self.put(name.into().kept(), value.into());
    }

    fn put(&mut self, name: FieldName, value: FieldValue) {
        let place = self.own.entries().iter().position(|(known, _)| *known == name);
        if self.received.may_have(name.mark()) {
            if place.is_none() && self.received.has_only(&name, &value) {
                return;
            }
            self.received.retain(|(known, _)| *known != name);
        }
        match place {
            None => self.owned().entries.push((name, value)),
            Some(at) => self.replace(at, &name, value),
        }
    }

    // Gives the name, which has its first value in this place, this one value.
    #[inline(never)]
    fn replace(&mut self, at: usize, name: &FieldName, value: FieldValue) {
        let (mut position, entries) = (0_usize, &mut self.owned().entries);
        entries.retain(|(known, _)| {
            let is_first = position == at;
            position = position.saturating_add(1);
            is_first || known != name
        });
        if let Some((_, known)) = entries.get_mut(at) {
            *known = value;
        }
    }

    /// Gives the name these values and no others; without values the name is removed.
    pub fn set_all<'n>(&mut self, name: impl Into<Name<'n>>, values: impl IntoIterator<Item = Vec<u8>>) {
        let name = name.into();
        self.remove(name);
        for value in values {
            self.append(name, value);
        }
    }

    /// Removes every value of the name.
    pub fn remove<'n>(&mut self, name: impl Into<Name<'n>>) {
        self.take_away(name.into());
    }

    fn take_away(&mut self, name: Name<'_>) {
        if self.received.may_have(name.mark()) {
            self.received.retain(|(known, _)| !name.calls(known));
        }
        self.retain_own(|(known, _)| !name.calls(known));
    }

    /// The first value of the name.
    pub fn get<'n>(&self, name: impl Into<Name<'n>>) -> Option<&[u8]> {
        self.first(name.into())
    }

    #[inline]
    fn first(&self, name: Name<'_>) -> Option<&[u8]> {
        let may_be_there = !self.own.entries().is_empty() || self.received.may_have(name.mark());
        if may_be_there { self.search(name) } else { None }
    }

    #[inline(never)]
    fn search(&self, name: Name<'_>) -> Option<&[u8]> {
        let is_sought = |(known, _): &&Entry| name.calls(known);
        let found = self.received_with(name.mark()).find(is_sought);
        let found = found.or_else(|| self.own.entries().iter().find(is_sought));
        found.map(|(_, value)| value.as_bytes())
    }

    /// Is a header with one of these names there?
    pub fn have(&self, names: NameClasses) -> bool {
        self.received.have(names) || self.own.entries().iter().any(|(name, _)| names.have(name.class()))
    }

    /// The first value as text; `None` if it is not UTF-8.
    pub fn get_str<'n>(&self, name: impl Into<Name<'n>>) -> Option<&str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Every value of the name, in order.
    pub fn get_all<'a>(&'a self, name: impl Into<Name<'a>>) -> impl Iterator<Item = &'a [u8]> {
        let name = name.into();
        let is_sought = move |(known, value): &'a Entry| name.calls(known).then(|| value.as_bytes());
        self.received_with(name.mark()).filter_map(is_sought).chain(self.own.entries().iter().filter_map(is_sought))
    }

    /// Does the name have the same values as in other headers?
    pub fn has_the_same<'a>(&'a self, name: impl Into<Name<'a>>, other: &'a Self) -> bool {
        let name = name.into();
        // Mostly both have what came, and nothing beside it.
        let has_own = |headers: &Self| headers.own.entries().iter().any(|(known, _)| name.calls(known));
        let is_as_it_came = self.received.has_the_same(name, &other.received) && !has_own(self) && !has_own(other);
        is_as_it_came || self.get_all(name).eq(other.get_all(name))
    }

    /// Does the name have a value?
    pub fn contains<'n>(&self, name: impl Into<Name<'n>>) -> bool {
        let name = name.into();
        self.received.is_certain_to_have(name) || self.first(name).is_some()
    }

    /// Adds every pair of other headers with these names, behind the values that the name has.
    pub fn extend_from(&mut self, other: &Self, names: NameClasses) {
        // What is shared stands in front of our own headers: a name that is among these gets a copy.
        let copied = self.received.add(&other.received, names, self.own.entries());
        let mut copied =
            copied.chain(other.own.entries().iter().filter(|(name, _)| names.have(name.class()))).peekable();
        if copied.peek().is_some() {
            self.owned().entries.extend(copied.cloned());
        }
    }

    /// The pairs with these names.
    pub fn only(&self, names: NameClasses) -> Self {
        let mut only = Self { received: self.received.only(names), own: self.own.clone() };
        only.retain_own(|(name, _)| names.have(name.class()));
        only
    }

    /// Keeps the pairs with these names.
    pub fn keep(&mut self, names: NameClasses) {
        self.received.keep(names);
        self.retain_own(|(name, _)| names.have(name.class()));
    }

    /// Every pair of a lower-case name and a value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries().map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.received.len().saturating_add(self.own.entries().len())
    }

    /// Is there no header?
    pub fn is_empty(&self) -> bool {
        self.received.is_empty() && self.own.entries().is_empty()
    }

    /// Keeps the pairs whose lower-case name and value pass.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &[u8]) -> bool) {
        let mut keep = |(name, value): &Entry| keep(name.as_str(), value.as_bytes());
        self.received.retain(&mut keep);
        self.retain_own(keep);
    }

    fn retain_own(&mut self, mut keep: impl FnMut(&Entry) -> bool) {
        if let Some(own) = self.own.unshared() {
            return own.entries.retain(|entry| keep(entry));
        }
        let own = self.own.entries();
        // They are shared: they are copied if one of them goes, and each is looked at once.
        let Some(first) = own.iter().position(|entry| !keep(entry)) else { return };
        let (before, behind) = own.split_at(first);
        let left = before.iter().chain(behind.iter().skip(1).filter(|entry| keep(entry))).cloned();
        self.own = SharedBlock::of(left);
    }

    // Our own headers, to be changed.
    fn owned(&mut self) -> &mut Block {
        self.own.owned()
    }

    /// The values of each name; names in lower case, sorted.
    pub fn grouped(&self) -> BTreeMap<&str, Vec<&[u8]>> {
        let mut groups: BTreeMap<&str, Vec<&[u8]>> = BTreeMap::new();
        for (name, value) in self.iter() {
            groups.entry(name).or_default().push(value);
        }
        groups
    }

    /// The reason why these headers cannot be sent, in Go's words: a name that is not a token, or a value with control
    /// characters.
    pub fn fault(&self) -> Option<String> {
        self.unsendable().find_map(|(name, value)| {
            if !name.is_token() {
                return Some(format!("net/http: invalid header field name {:?}", name.as_str()));
            }
            let broken = value.has_controls();
            broken.then(|| format!("net/http: invalid header field value for {:?}", canonical(name.as_str())))
        })
    }

    // Those that may be unfit to be sent.
    fn unsendable(&self) -> impl Iterator<Item = &Entry> {
        let received = (!self.received.is_sendable()).then(|| self.received.iter());
        received.into_iter().flatten().chain(self.own.entries())
    }

    /// The headers as they can be answered. Like Go's server, this drops names that are not tokens, and writes spaces for
    /// control characters.
    pub fn mended(self) -> Self {
        if self.unsendable().all(|(name, value)| name.is_token() && !value.has_controls()) {
            return self;
        }
        let tokens = self.entries().filter(|(name, _)| name.is_token());
        let mend = |value: &FieldValue| if value.has_controls() { value.mended() } else { value.clone() };
        let own = SharedBlock::of(tokens.map(|(name, value)| (name.clone(), mend(value))));
        Self { received: Received::default(), own }
    }

    // Those that came, or none if no name with this mark can be among them.
    fn received_with(&self, mark: u64) -> Shown<'_> {
        if self.received.may_have(mark) { self.received.iter() } else { Shown::default() }
    }

    pub(super) fn received_marks(&self) -> u64 {
        self.received.marks()
    }

    // The headers that the other message does not share.
    pub(super) fn beside<'a>(&'a self, other: &Self) -> impl Iterator<Item = &'a Entry> + Clone {
        self.received.without(&other.received).chain(self.own.entries())
    }

    /// The values of the name, in order.
    pub(super) fn values<'a>(&'a self, name: &'a FieldName) -> impl Iterator<Item = &'a FieldValue> {
        let is_sought = move |(known, value): &'a Entry| (known == name).then_some(value);
        self.received_with(name.mark()).filter_map(is_sought).chain(self.own.entries().iter().filter_map(is_sought))
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.received.iter().chain(self.own.entries())
    }
}

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.entries().eq(other.entries())
    }
}

impl Eq for Headers {}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries().map(|(name, value)| (name.as_str(), value))).finish()
    }
}

impl<N: AsRef<str>, V: Into<FieldValue>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        let mut headers = Self::with_capacity(pairs.size_hint().0);
        let entries = &mut headers.owned().entries;
        pairs.for_each(|(name, value)| entries.push((FieldName::new(name.as_ref()), value.into())));
        headers
    }
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
