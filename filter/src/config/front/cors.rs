//! The namespace `security/cors`: which pages of other origins may read answers, as krakend-cors and rs/cors decide.
//!
//! Knows no request: whoever stands in front holds one against this.

use super::told::Told;
use crate::config::duration;
use crate::config::reader::{Node, Result, quoted};
use crate::http::{canonical, is_token};

/// What is allowed to pages of other origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Whose pages.
    pub origins: Origins,
    /// The methods, in the case that they are written in; `OPTIONS` is always among them.
    pub methods: Vec<String>,
    /// Names of headers that requests may carry: in lower case, sorted, each once. None: any.
    pub headers: Option<Vec<String>>,
    /// The value of `Access-Control-Expose-Headers`.
    pub exposed: Option<String>,
    /// The value of `Access-Control-Max-Age`, in seconds.
    pub max_age: Option<u64>,
    /// `Access-Control-Allow-Credentials: true`.
    pub credentials: bool,
    /// Are requests from public pages to private networks allowed, where they ask?
    pub private_network: bool,
    /// Do preflights go on to the endpoints (`options_passthrough`)?
    pub passes_preflights: bool,
}

/// Whose pages may read answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Everybody's: the answer is `*`.
    Any,
    /// Those of these origins, in lower case; and those that begin with the first and end with the second of a pair.
    These(Vec<String>, Vec<(String, String)>),
}

impl Cors {
    /// The value of `Vary` in answers to preflights.
    #[must_use]
    pub fn preflight_vary(&self) -> &'static str {
        match self.private_network {
            true => {
                "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"
            }
            false => "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        }
    }
}

const SIMPLE_METHODS: [&str; 3] = ["GET", "POST", "HEAD"]; // KrakenD's, where none are named

pub(super) fn read(node: &Node<'_>, told: &mut Told) -> Result<Cors> {
    let origins = origins(node, told)?;
    let credentials = node.flag_at("allow_credentials")?;
    if credentials && origins == Origins::Any {
        told.warn(node, "allow_credentials has no effect beside the origin \"*\": the answer is a literal \"*\", as KrakenD's, and browsers refuse it for requests with credentials");
    }
    let methods = node.texts_at("allow_methods")?;
    if let Some(method) = methods.iter().find(|method| !is_token(method)) {
        return Err(node.error_at("allow_methods", format!("{} is no method", quoted(method))));
    }
    if methods.iter().any(|method| method == "*") {
        told.warn(node, "\"*\" in allow_methods is no method, and allows none, as in KrakenD: write the methods out");
    }
    // KrakenD's own key for it has no effect there either.
    node.get("options_success_status").map(|status| status.count()).transpose()?;
    node.flag_at("debug")?;
    Ok(Cors {
        origins,
        methods: if methods.is_empty() { SIMPLE_METHODS.map(str::to_owned).to_vec() } else { methods },
        headers: headers(node)?,
        exposed: exposed(node)?,
        max_age: max_age(node, told)?,
        credentials,
        private_network: node.flag_at("allow_private_network")?,
        passes_preflights: node.flag_at("options_passthrough")?,
    })
}

// Any, where none are named or one of them is `*`.
fn origins(node: &Node<'_>, told: &mut Told) -> Result<Origins> {
    let written = node.texts_at("allow_origins")?;
    let Some(list) = node.get("allow_origins").filter(|_| !written.is_empty()) else { return Ok(Origins::Any) };
    if written.iter().any(|origin| origin == "*") {
        return Ok(Origins::Any);
    }
    let (mut names, mut patterns) = (Vec::new(), Vec::new());
    for (item, origin) in list.items()?.zip(&written) {
        if origin.is_empty() || !origin.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(item.error(format!("{} is no origin that a browser sends", quoted(origin))));
        }
        let lower = origin.to_ascii_lowercase();
        let Some((start, end)) = lower.split_once('*') else {
            names.push(lower);
            continue;
        };
        if fits_strangers(start, end) {
            told.warn(
                &item,
                &format!(
                    "{} also fits origins of strangers: \"https://*.example.com\" fits the subdomains of a domain of yours",
                    quoted(origin)
                ),
            );
        }
        patterns.push((start.to_owned(), end.to_owned()));
    }
    Ok(Origins::These(names, patterns))
}

// Names that end with this can be registered by anybody: behind `*` there is neither a dot with a domain nor a whole name.
fn fits_strangers(start: &str, end: &str) -> bool {
    let whole = end.split_once("://").map(|(_, name)| name).or(end.strip_prefix('.'));
    start.contains("://") && whole.is_none_or(|name| !name.contains(|letter: char| letter.is_ascii_alphanumeric()))
}

fn headers(node: &Node<'_>) -> Result<Option<Vec<String>>> {
    let written = node.texts_at("allow_headers")?;
    if written.is_empty() || written.iter().any(|name| name == "*") {
        return Ok(None);
    }
    if let Some(name) = written.iter().find(|name| !is_token(name)) {
        return Err(node.error_at("allow_headers", format!("{} is no name of a header", quoted(name))));
    }
    let mut names: Vec<String> = written.iter().map(|name| name.to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    Ok(Some(names))
}

fn exposed(node: &Node<'_>) -> Result<Option<String>> {
    let names = node.texts_at("expose_headers")?;
    if let Some(name) = names.iter().find(|name| !is_token(name)) {
        return Err(node.error_at("expose_headers", format!("{} is no name of a header", quoted(name))));
    }
    let names: Vec<String> = names.iter().map(|name| canonical(name)).collect();
    Ok((!names.is_empty()).then(|| names.join(", ")))
}

// KrakenD leaves out what is no duration; a negative one keeps browsers from remembering.
fn max_age(node: &Node<'_>, told: &mut Told) -> Result<Option<u64>> {
    let Some(node) = node.get("max_age") else { return Ok(None) };
    let text = node.text()?;
    let (negative, length) = match text.strip_prefix('-') {
        Some(length) => (true, length),
        None => (false, text),
    };
    let Some(duration) = duration::parse(length) else {
        told.warn(
            &node,
            &format!("{} is not a duration, and left out, as in KrakenD (write it like \"1h\")", quoted(text)),
        );
        return Ok(None);
    };
    let seconds = duration.as_secs();
    Ok((seconds > 0).then_some(if negative { 0 } else { seconds }))
}
