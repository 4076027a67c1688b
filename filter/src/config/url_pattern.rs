//! A backend's `url_pattern`, in pieces: text, and parameters that get their values at each request.
//!
//! Names follow KrakenD: the first letter of a parameter becomes a capital (`{user}` is `User` to scripts).

use smol_str::SmolStr;

use super::endpoint_path::WILDCARD;
use super::notices::Notices;
use super::reader::{Node, Result, listed, quoted};
use super::response_param::ResponseParam;

/// A parsed `url_pattern`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlPattern {
    /// The pattern in the configuration: `/b/{id}`.
    pub written: String,
    /// The pattern as KrakenD prints it in its errors: `/b/{{.Id}}`.
    pub printed: String,
    /// Its parts, in order.
    pub pieces: Vec<Piece>,
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Literal(SmolStr),
    /// The parameter with this capitalised name; if the request has none, `{{.Name}}` is sent, as in KrakenD.
    Param(String),
    /// A value of an earlier backend's response, `{resp0_user.id}`; scripts see the parameter `Resp0_user.id`.
    Response(ResponseParam),
}

/// What a backend's pattern may refer to.
pub(super) struct PatternScope<'a> {
    pub(super) params: &'a [String],
    pub(super) has_token: bool,
    pub(super) sequential: bool,
    pub(super) backend: usize,
    /// The endpoint's path ends with `/*`: the value of the wildcard comes after the pattern's path.
    pub(super) is_wildcard: bool,
    /// The backend belongs to an agent: KrakenD uses its pattern as it is written.
    pub(super) is_agents: bool,
}

/// The name under which requests and patterns know a parameter: `user` is `User`.
pub fn param_key(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl UrlPattern {
    /// Reads a pattern: `text` is the pattern, and `node` the place for errors.
    pub(super) fn read(node: &Node<'_>, text: &str, scope: &PatternScope<'_>, notices: &mut Notices) -> Result<Self> {
        let mut pattern = Self { written: text.to_owned(), printed: String::new(), pieces: Vec::new() };
        if scope.is_agents {
            pattern.add_of_agent(node, text, notices)?;
            return Ok(pattern);
        }
        let relative = text.strip_prefix('/').unwrap_or(text);
        if !scope.is_wildcard {
            pattern.add(node, "/", relative, scope, notices)?;
            return Ok(pattern);
        }
        let path = relative.split('?').next().unwrap_or_default();
        let query = relative.strip_prefix(path).unwrap_or_default();
        match path.trim_end_matches('/') {
            "" => pattern.push_literal("/".to_owned()),
            path => {
                pattern.add(node, "/", path, scope, notices)?;
                pattern.push_literal("/".to_owned());
            }
        }
        pattern.push_param(Piece::Param(WILDCARD.to_owned()));
        pattern.add(node, "", query, scope, notices)?;
        Ok(pattern)
    }

    // Adds the pieces of a text to the pattern.
    fn add(
        &mut self,
        node: &Node<'_>,
        begin: &str,
        text: &str,
        scope: &PatternScope<'_>,
        notices: &mut Notices,
    ) -> Result<()> {
        let mut literal = begin.to_owned();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            literal.push_str(before);
            match behind.split_once('}').filter(|(name, _)| is_name(name)) {
                Some((name, behind)) => {
                    self.push_literal(std::mem::take(&mut literal));
                    self.push_param(param(node, name, scope, notices)?);
                    rest = behind;
                }
                None => {
                    literal.push('{');
                    rest = behind;
                }
            }
        }
        literal.push_str(rest);
        self.push_literal(literal);
        Ok(())
    }

    // KrakenD makes no template of an agent's pattern, but it fills in parameters where the pattern already has the form of a
    // template: `{{.Name}}`.
    fn add_of_agent(&mut self, node: &Node<'_>, text: &str, notices: &mut Notices) -> Result<()> {
        if !(text.is_empty() || text.starts_with(['/', '?'])) {
            return Err(node.error(format!(
                "{} must begin with \"/\": KrakenD puts none between the host and the pattern of an agent's backend",
                quoted(text)
            )));
        }
        let mut rest = text;
        while let Some((before, (key, behind))) =
            rest.split_once("{{.").and_then(|(before, behind)| Some((before, behind.split_once("}}")?)))
        {
            self.push_literal(before.to_owned());
            self.push_param(match ResponseParam::of_key(key) {
                Some(response) => Piece::Response(response),
                None => Piece::Param(key.to_owned()),
            });
            rest = behind;
        }
        self.push_literal(rest.to_owned());
        let literals = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => text.split_once('{')?.1.split_once('}').map(|(name, _)| name),
            Piece::Param(_) | Piece::Response(_) => None,
        });
        if let Some(name) = literals.into_iter().find(|name| is_name(name)) {
            notices
                .remark(node, format!("{{{name}}} stays as it is written: an agent has no parameters, as in KrakenD"));
        }
        Ok(())
    }

    fn push_literal(&mut self, text: String) {
        if !text.is_empty() {
            self.printed.push_str(&text);
            self.pieces.push(Piece::Literal(text.into()));
        }
    }

    fn push_param(&mut self, piece: Piece) {
        if let Piece::Param(key) | Piece::Response(ResponseParam { key, .. }) = &piece {
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
    if let Some(response) = ResponseParam::of_pattern(name) {
        if !scope.sequential {
            notices.warn(
                node,
                format!("{{{name}}} stays empty unless a script sets it: the endpoint's proxy is not sequential"),
            );
        } else if response.backend >= scope.backend {
            notices
                .warn(node, format!("{{{name}}} stays empty unless a script sets it: it refers to no earlier backend"));
        }
        return Ok(Piece::Response(response));
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_are_taken_apart_and_printed_as_krakend_does() {
        let params = ["id".to_owned(), "userId".to_owned()];
        let scope = PatternScope {
            params: &params,
            has_token: false,
            sequential: true,
            backend: 1,
            is_wildcard: false,
            is_agents: false,
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
    fn what_a_wildcard_stands_for_comes_behind_the_patterns_path() {
        let scope = PatternScope {
            params: &["id".to_owned(), "*".to_owned()],
            has_token: false,
            sequential: false,
            backend: 0,
            is_wildcard: true,
            is_agents: false,
        };
        let table = [
            ("/", "/{{.*}}"),
            ("", "/{{.*}}"),
            ("/api", "/api/{{.*}}"),
            ("/api/{id}/", "/api/{{.Id}}/{{.*}}"),
            ("/api?a={id}", "/api/{{.*}}?a={{.Id}}"),
            ("/?a=1", "/{{.*}}?a=1"),
        ];
        for (text, printed) in table {
            let value = json!(text);
            let pattern = UrlPattern::read(&Node::root(&value), text, &scope, &mut Notices::default()).unwrap();
            assert_eq!(pattern.printed, printed, "{text}: {pattern:?}");
        }
    }

    #[test]
    fn an_agents_pattern_stays_as_it_is_written_but_for_what_krakend_fills_in() {
        let scope = PatternScope {
            params: &[],
            has_token: false,
            sequential: true,
            backend: 1,
            is_wildcard: false,
            is_agents: true,
        };
        let read = |text: &str| {
            let value = json!(text);
            UrlPattern::read(&Node::root(&value), text, &scope, &mut Notices::default())
        };
        let table = [
            ("/b/{id}", 1),
            ("", 0),
            ("?a={{.Id}}", 2),
            ("/{{.Resp0_user.id}}/{{.Resp0_a b}}/{{.", 5),
            ("/{{{.Id}}}", 3),
        ];
        for (text, pieces) in table {
            let pattern = read(text).unwrap();
            assert_eq!((pattern.printed.as_str(), pattern.pieces.len()), (text, pieces), "{pattern:?}");
        }
        let response = |piece: &Piece| matches!(piece, Piece::Response(_));
        assert_eq!(
            read("/{{.Resp0_user.id}}/{{.Resp0_a b}}").unwrap().pieces.iter().filter(|p| response(p)).count(),
            1
        );
        assert!(read("b").unwrap_err().to_string().contains("must begin with"));
    }
}
