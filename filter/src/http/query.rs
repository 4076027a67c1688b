//! Query strings, as Go's `url.Values`: keys with lists of values, written back sorted by key.

use std::collections::BTreeMap;

use super::percent::{decode_component, push_escaped};

/// A parsed query: every key with its values in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    values: BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
}

impl Query {
    /// Reads `a=1&b=x+y`. As in Go, a pair with a semicolon or a broken escape is left out; the other pairs count.
    pub fn parse(text: &[u8]) -> Self {
        let mut values: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
        for pair in text.split(|byte| *byte == b'&') {
            if pair.is_empty() || pair.contains(&b';') {
                continue;
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let key = halves.next().and_then(decode_component);
            let value = decode_component(halves.next().unwrap_or_default());
            if let (Some(key), Some(value)) = (key, value) {
                values.entry(key).or_default().push(value);
            }
        }
        Self { values }
    }

    /// Is there no key?
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The first value of a key.
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.values.get(key).and_then(|values| values.first()).map(Vec::as_slice)
    }

    /// Gives a key this one value.
    pub fn set(&mut self, key: &[u8], value: &[u8]) {
        self.values.insert(key.to_vec(), vec![value.to_vec()]);
    }

    /// Adds a value to the values of a key.
    pub fn add(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.values.entry(key).or_default().push(value);
    }

    /// Each key with its values.
    pub fn pairs(&self) -> impl Iterator<Item = (&[u8], &[Vec<u8>])> {
        self.values.iter().map(|(key, values)| (key.as_slice(), values.as_slice()))
    }

    /// The query with only these keys; `*` keeps all keys.
    pub fn only(&self, keys: &[String]) -> Self {
        if keys.iter().any(|key| key == "*") {
            return self.clone();
        }
        let pass = |key: &[u8]| keys.iter().any(|allowed| allowed.as_bytes() == key);
        Self { values: self.values.iter().filter(|(key, _)| pass(key)).map(|(k, v)| (k.clone(), v.clone())).collect() }
    }

    /// The query as Go encodes it: sorted by key, spaces as `+`.
    pub fn encode(&self) -> String {
        let mut out = String::new();
        for (key, values) in &self.values {
            for value in values {
                if !out.is_empty() {
                    out.push('&');
                }
                escape(key, &mut out);
                out.push('=');
                escape(value, &mut out);
            }
        }
        out
    }
}

fn escape(text: &[u8], out: &mut String) {
    for byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(*byte)),
            b' ' => out.push('+'),
            other => push_escaped(*other, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn a_query_is_written_back_as_go_writes_it() {
        let table = [
            ("a=1&b=x%20y&a=2", "a=1&a=2&b=x+y"),
            ("?a=1", "%3Fa=1"),
            ("b&a=", "a=&b="),
            ("x=%zz&y=1&s=1;t=2", "y=1"),
            ("k=%C3%A9~-_.!", "k=%C3%A9~-_.%21"),
            ("", ""),
        ];
        for (text, written) in table {
            assert_eq!(Query::parse(text.as_bytes()).encode(), written, "{text}");
        }
    }
}
