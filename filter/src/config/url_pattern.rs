//! A backend's `url_pattern`, in pieces: text, and parameters that are filled in at each request.
//!
//! Names follow KrakenD: the first letter of a parameter becomes a capital (`{user}` is `User` to scripts).

use super::notices::Notices;
use super::reader::{Node, Result, listed, quoted};

/// A parsed `url_pattern`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlPattern {
    /// As the configuration has it: `/b/{id}`.
    pub written: String,
    /// As KrakenD prints it in its errors: `/b/{{.Id}}`.
    pub printed: String,
    /// What it is made of.
    pub pieces: Vec<Piece>,
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Literal(String),
    /// The parameter of this capitalised name; where the request has none, `{{.Name}}` is sent, as in KrakenD.
    Param(String),
    /// A value of an earlier backend's response, `{resp0_user.id}`: a parameter `Resp0_user.id` for scripts.
    Response {
        /// The parameter's capitalised name.
        key: String,
        /// The number of that backend.
        backend: usize,
        /// The keys that lead to the value.
        path: Vec<String>,
    },
}

/// What a backend's pattern may refer to.
pub(super) struct PatternScope<'a> {
    pub(super) params: &'a [String],
    pub(super) has_token: bool,
    pub(super) sequential: bool,
    pub(super) backend: usize,
}

/// The name under which requests and patterns know a parameter: `user` is `User`.
pub fn param_key(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl UrlPattern {
    /// `node` is where complaints go; `text` what is written there.
    pub(super) fn read(node: &Node<'_>, text: &str, scope: &PatternScope<'_>, notices: &mut Notices) -> Result<Self> {
        let mut pattern = Self { written: text.to_owned(), printed: String::new(), pieces: Vec::new() };
        let mut literal = "/".to_owned();
        let mut rest = text.strip_prefix('/').unwrap_or(text);
        while let Some((before, behind)) = rest.split_once('{') {
            literal.push_str(before);
            match behind.split_once('}').filter(|(name, _)| is_name(name)) {
                Some((name, behind)) => {
                    pattern.push_literal(std::mem::take(&mut literal));
                    pattern.push_param(param(node, name, scope, notices)?);
                    rest = behind;
                }
                None => {
                    literal.push('{');
                    rest = behind;
                }
            }
        }
        literal.push_str(rest);
        pattern.push_literal(literal);
        Ok(pattern)
    }

    fn push_literal(&mut self, text: String) {
        if !text.is_empty() {
            self.printed.push_str(&text);
            self.pieces.push(Piece::Literal(text));
        }
    }

    fn push_param(&mut self, piece: Piece) {
        if let Piece::Param(key) | Piece::Response { key, .. } = &piece {
            self.printed.push_str(&format!("{{{{.{key}}}}}"));
        }
        self.pieces.push(piece);
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte))
}

fn param(node: &Node<'_>, name: &str, scope: &PatternScope<'_>, notices: &mut Notices) -> Result<Piece> {
    let key = param_key(name);
    if scope.params.iter().any(|declared| declared == name) {
        return Ok(Piece::Param(key));
    }
    if let Some((backend, path)) = response_param(name) {
        if !scope.sequential {
            notices.warn(
                node,
                format!("{{{name}}} stays empty unless a script sets it: the endpoint's proxy is not sequential"),
            );
        } else if backend >= scope.backend {
            notices
                .warn(node, format!("{{{name}}} stays empty unless a script sets it: it refers to no earlier backend"));
        }
        return Ok(Piece::Response { key, backend, path });
    }
    if name.strip_prefix("JWT.").is_some_and(|claim| !claim.is_empty()) {
        if !scope.has_token {
            notices.warn(
                node,
                format!("{{{name}}} stays as it is unless a script sets it: this endpoint asks for no token"),
            );
        }
        return Ok(Piece::Param(key));
    }
    let declared = match scope.params {
        [] => "it has none".to_owned(),
        params => format!("it has {}", listed(params.iter().map(String::as_str))),
    };
    Err(node.error(format!("{} is no parameter of the endpoint ({declared})", quoted(&format!("{{{name}}}")))))
}

/// `resp0_user.id` → backend 0 and the keys `user`, `id`.
fn response_param(name: &str) -> Option<(usize, Vec<String>)> {
    let (number, path) = name.strip_prefix("resp")?.split_once('_')?;
    let number = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok()).flatten()?;
    (!path.is_empty()).then(|| (number, path.split('.').map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_are_taken_apart_and_printed_as_krakend_does() {
        let scope = PatternScope {
            params: &["id".to_owned(), "userId".to_owned()],
            has_token: false,
            sequential: true,
            backend: 1,
        };
        let table = [
            ("/b/{id}/x/{userId}", "/b/{{.Id}}/x/{{.UserId}}", 4),
            ("b?fixed={id}", "/b?fixed={{.Id}}", 2),
            ("", "/", 1),
            ("/{id}{id}", "/{{.Id}}{{.Id}}", 3),
            ("/{resp0_user.id}", "/{{.Resp0_user.id}}", 2),
            ("/{JWT.sub}", "/{{.JWT.sub}}", 2),
            ("/{}/{a b}/{", "/{}/{a b}/{", 1),
            ("/{{id}}", "/{{{.Id}}}", 3),
        ];
        for (text, printed, pieces) in table {
            let value = json!(text);
            let pattern = UrlPattern::read(&Node::root(&value), text, &scope, &mut Notices::default()).unwrap();
            assert_eq!((pattern.printed.as_str(), pattern.pieces.len()), (printed, pieces), "{text}: {pattern:?}");
        }
    }

    #[test]
    fn a_value_of_an_earlier_response_knows_its_backend_and_keys() {
        assert_eq!(response_param("resp10_a.b"), Some((10, vec!["a".to_owned(), "b".to_owned()])));
        for name in ["resp_a", "resp0_", "resp0", "respx_a", "Resp0_a"] {
            assert_eq!(response_param(name), None, "{name}");
        }
    }
}
