//! The rules by which backends answer, as a file gives them. The first rule that fits wins. Knows how a rule is written and
//! which requests it fits, but not how an answer is made from it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use crate::Trouble;

/// A rule: the requests that it fits (a missing field fits anything), and the answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// The path, compared with and without the query; `*` stands for anything.
    pub(crate) path: Option<String>,
    pub(crate) method: Option<String>,
    /// The host as in the URL: `users.internal`, `users.internal:8080`.
    pub(crate) host: Option<String>,
    pub(crate) status: Option<u16>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, OneOrMany>,
    pub(crate) body: Option<String>,
    pub(crate) json: Option<Value>,
    #[serde(default)]
    pub(crate) delay_ms: u64,
    pub(crate) fault: Option<super::Fault>,
    /// Whether the answer is the request itself, as JSON.
    #[serde(default)]
    pub(crate) echo: bool,
}

/// One value, or several values.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    upstream: Vec<Spanned<Rule>>,
}

/// Reads a file of rules.
pub(crate) fn read_rules(path: &Path) -> Result<Vec<Rule>, Trouble> {
    let text = std::fs::read_to_string(path).map_err(|error| Trouble::file(path, "read", &error))?;
    let file: File = toml::from_str(&text).map_err(|error| in_file(path, &text, &error))?;
    checked(path, &text, file.upstream)
}

/// The rules of a file, after a check: an error names the first rule that is not valid.
pub(crate) fn checked(path: &Path, text: &str, rules: Vec<Spanned<Rule>>) -> Result<Vec<Rule>, Trouble> {
    for rule in &rules {
        rule.get_ref().check().map_err(|why| at(path, text, Some(rule.span().start), &why))?;
    }
    Ok(rules.into_iter().map(Spanned::into_inner).collect())
}

/// An error in a TOML file: the file's name and the line's number, then the line itself.
pub(crate) fn in_file(path: &Path, text: &str, error: &toml::de::Error) -> Trouble {
    at(path, text, error.span().map(|span| span.start), &error.message().trim_end().replace('\n', ", "))
}

/// The same for an error that the TOML parser does not know.
pub(crate) fn at(path: &Path, text: &str, offset: Option<usize>, why: &str) -> Trouble {
    let line =
        offset.and_then(|offset| text.get(..offset)).map(|before| before.matches('\n').count().saturating_add(1));
    let place = line.map(|line| format!(":{line}")).unwrap_or_default();
    let shown = line.and_then(|line| text.lines().nth(line.saturating_sub(1))).map(str::trim_end).unwrap_or_default();
    let shown = if shown.is_empty() { String::new() } else { format!("\n    {shown}") };
    Trouble::new(format!("{}{place}: {why}{shown}", path.display()))
}

impl Rule {
    /// Checks that no keys of the rule exclude each other, and that its status is one that an answer can have.
    pub(crate) fn check(&self) -> Result<(), String> {
        let answers = [
            ("body", self.body.is_some()),
            ("json", self.json.is_some()),
            ("echo", self.echo),
            ("fault", self.fault.is_some()),
        ];
        let said: Vec<_> = answers.iter().filter(|(_, said)| *said).map(|(key, _)| *key).collect();
        if let [first, second, ..] = said.as_slice() {
            return Err(format!("`{first}` and `{second}` exclude each other"));
        }
        match self.status {
            Some(status) if !(200..=599).contains(&status) => {
                Err(format!("`status` is {status}: an answer has one between 200 and 599"))
            }
            Some(_) if self.fault.is_some() => Err("`status` and `fault` exclude each other".to_owned()),
            _ => Ok(()),
        }
    }

    pub(crate) fn fits(&self, method: &str, host: &str, path: &str) -> bool {
        let plain = path.split('?').next().unwrap_or(path);
        let says = |wanted: &Option<String>, fits: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(fits);
        says(&self.method, &|wanted| wanted.eq_ignore_ascii_case(method))
            && says(&self.host, &|wanted| glob(&wanted.to_ascii_lowercase(), &host.to_ascii_lowercase()))
            && says(&self.path, &|wanted| glob(wanted, path) || glob(wanted, plain))
    }
}

fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(head) else { return false };
    let places = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len()));
    places.filter_map(|at| text.get(at..)).any(|tail| glob(rest, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_the_query_may_be_left_out() {
        let rule = Rule { path: Some("/v1/*/orders".into()), host: Some("SHOP.*".into()), ..Rule::default() };
        assert!(rule.fits("GET", "shop.internal", "/v1/7/orders"));
        assert!(rule.fits("PUT", "shop.internal", "/v1/a/b/orders?page=2"));
        assert!(!rule.fits("GET", "shop.internal", "/v1/7/orders/1"));
        assert!(!rule.fits("GET", "users.internal", "/v1/7/orders"));
        let with_query = Rule { path: Some("/a?page=*".into()), ..Rule::default() };
        assert!(with_query.fits("GET", "h", "/a?page=2") && !with_query.fits("GET", "h", "/a"));
    }

    #[test]
    fn an_empty_rule_fits_everything() {
        assert!(Rule::default().fits("GET", "h", "/"));
        let rule = Rule { method: Some("post".into()), ..Rule::default() };
        assert!(rule.fits("POST", "h", "/") && !rule.fits("GET", "h", "/"));
    }
}
