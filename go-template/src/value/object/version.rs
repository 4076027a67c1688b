//! Versions, as sprig's `semver` reads them: perhaps with a `v` in front, or without minor or patch. Source: Masterminds/semver
//! v3.

use std::cmp::Ordering;
use std::fmt;

use semver::{BuildMetadata, Prerelease};

use super::{Object, Value, wrong_number};

/// A version, and the text that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    version: semver::Version,
    original: String,
}

impl Version {
    /// Reads a version.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let invalid = || "Invalid Semantic Version".to_owned();
        let rest = text.strip_prefix('v').unwrap_or(text);
        let (rest, build) = rest.split_once('+').map_or((rest, None), |(rest, build)| (rest, Some(build)));
        let (numbers, pre) = rest.split_once('-').map_or((rest, None), |(rest, pre)| (rest, Some(pre)));
        let mut parts = [0; 3];
        let mut given = numbers.split('.');
        for part in &mut parts {
            let Some(text) = given.next() else { break };
            if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(invalid());
            }
            let range =
                |_| format!("Error parsing version segment: strconv.ParseUint: parsing {text:?}: value out of range");
            *part = text.parse().map_err(range)?;
        }
        if given.next().is_some() || [pre, build].contains(&Some("")) {
            return Err(invalid());
        }
        let pre = Prerelease::new(pre.unwrap_or_default()).map_err(|_| prerelease_error(pre.unwrap_or_default()))?;
        let build = BuildMetadata::new(build.unwrap_or_default()).map_err(|_| invalid())?;
        let [major, minor, patch] = parts;
        Ok(Self { version: semver::Version { major, minor, patch, pre, build }, original: text.to_owned() })
    }

    pub(crate) fn parts(&self) -> (u64, u64, u64) {
        (self.version.major, self.version.minor, self.version.patch)
    }

    pub(crate) fn is_prerelease(&self) -> bool {
        !self.version.pre.is_empty()
    }

    /// The order of precedence. The part after `+` does not count.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        self.version.cmp_precedence(&other.version)
    }

    pub(super) fn method(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
        let value = match name {
            "Major" => Value::Uint64(self.version.major),
            "Minor" => Value::Uint64(self.version.minor),
            "Patch" => Value::Uint64(self.version.patch),
            "Prerelease" => self.version.pre.as_str().into(),
            "Metadata" => self.version.build.as_str().into(),
            "Original" => self.original.as_str().into(),
            "String" => self.to_string().into(),
            "Compare" | "LessThan" | "GreaterThan" | "Equal" => return Some(self.compared(name, arguments)),
            _ => return None,
        };
        Some(wrong_number(name, 0, arguments).map_or(Ok(value), Err))
    }

    fn compared(&self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        if let Some(wrong) = wrong_number(name, 1, arguments) {
            return Err(wrong);
        }
        let other = match arguments {
            [Value::Object(Object::Version(other))] => other,
            [other] => {
                let got = other.type_name();
                return Err(format!("wrong type for value; expected *semver.Version; got {got}"));
            }
            _ => return Err(format!("{name} compares two versions")),
        };
        let order = self.compare(other);
        Ok(match name {
            "Compare" => Value::Int(order as i64),
            "LessThan" => Value::Bool(order.is_lt()),
            "GreaterThan" => Value::Bool(order.is_gt()),
            _ => Value::Bool(order.is_eq()),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.version.fmt(f)
    }
}

fn prerelease_error(text: &str) -> String {
    let leading_zero =
        |part: &str| part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit());
    let words =
        if text.split('.').any(leading_zero) { "Version segment starts with 0" } else { "Invalid Semantic Version" };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_may_lack_parts_and_begin_with_v() {
        let read = |text| Version::parse(text).map_or_else(|error| error, |version| version.to_string());
        assert_eq!(read("v1.2"), "1.2.0");
        assert_eq!(read("1.2.3-beta.1+b"), "1.2.3-beta.1+b");
        assert_eq!(read("1.2.3-01"), "Version segment starts with 0");
        ["", "x", "1.2.3.4", "1.2.3-", "1..2", "1.2.3+a_b"].iter().for_each(|text| {
            assert_eq!(read(text), "Invalid Semantic Version", "{text}");
        });
    }
}
