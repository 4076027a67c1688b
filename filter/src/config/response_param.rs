//! Values of an earlier backend's response that later backends have as parameters: `{resp0_user.id}` in a `url_pattern`, and
//! `resp0_user.id` or `Resp0` in `sequential_propagated_params`. Knows their spelling, and no backend.

/// A value of an earlier backend's response, as a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseParam {
    /// Its name for scripts and patterns: `Resp0_user.id`.
    pub key: String,
    /// The number of the earlier backend.
    pub backend: usize,
    /// The keys that lead to the value; empty for the whole body, as a no-op backend has it.
    pub path: Vec<String>,
}

impl ResponseParam {
    /// Reads a parameter of a pattern: `resp0_user.id` is backend 0 and the keys `user`, `id`.
    pub(super) fn of_pattern(name: &str) -> Option<Self> {
        let (number, path) = name.strip_prefix("resp")?.split_once('_')?;
        let backend = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok()).flatten()?;
        (!path.is_empty()).then(|| Self::new(number, backend, path))
    }

    /// Reads a parameter by its name for patterns and scripts: `Resp0_user.id`. KrakenD looks for such names in an agent's
    /// patterns, too (proxy/merging.go, sequentialMergerConfig).
    pub(super) fn of_key(key: &str) -> Option<Self> {
        let rest = key.strip_prefix("Resp")?;
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
        rest.chars().all(is_part).then(|| Self::of_pattern(&format!("resp{rest}"))).flatten()
    }

    /// All values that a text of `sequential_propagated_params` names. KrakenD looks for names anywhere in it
    /// (proxy/merging.go, sequentialMergerConfig); numbers that are too large for any list are left out.
    pub(super) fn all_in(text: &str) -> Vec<Self> {
        let mut found = Vec::new();
        let mut rest = text;
        while let Some((_, behind)) = rest.split_once(['r', 'R']) {
            rest = behind;
            let Some(behind) = behind.strip_prefix("esp") else { continue };
            let (number, behind) = split(behind, |letter| letter.is_ascii_digit());
            if number.is_empty() {
                continue;
            }
            let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
            let (path, behind) = split(behind.strip_prefix('_').unwrap_or(behind), is_part);
            rest = behind;
            found.extend(number.parse().ok().map(|backend| Self::new(number, backend, path)));
        }
        found
    }

    fn new(number: &str, backend: usize, path: &str) -> Self {
        if path.is_empty() {
            return Self { key: format!("Resp{number}"), backend, path: Vec::new() };
        }
        let keys = path.split('.').map(str::to_owned).collect();
        Self { key: format!("Resp{number}_{path}"), backend, path: keys }
    }
}

// The text before the first letter for which `is_part` is false, and the rest.
fn split(text: &str, is_part: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_an_earlier_response_knows_its_backend_and_keys() {
        let param = ResponseParam::of_pattern("resp10_a.b").unwrap();
        assert_eq!((param.key.as_str(), param.backend, param.path.join("/")), ("Resp10_a.b", 10, "a/b".to_owned()));
        for name in ["resp_a", "resp0_", "resp0", "respx_a", "Resp0_a"] {
            assert_eq!(ResponseParam::of_pattern(name), None, "{name}");
        }
    }

    #[test]
    fn propagated_parameters_are_found_as_krakend_finds_them() {
        let table = [
            ("resp0_token", "Resp0_token 0 token"),
            ("Resp1_user.name", "Resp1_user.name 1 user/name"),
            ("Resp0", "Resp0 0 "),
            ("resp0_", "Resp0 0 "),
            ("resp0token", "Resp0_token 0 token"),
            ("  rresp2_a-b/c, resp3_x", "Resp2_a-b 2 a-b;Resp3_x 3 x"),
            ("resp0_resp1_x", "Resp0_resp1_x 0 resp1_x"),
            ("resp00_x", "Resp00_x 0 x"),
            ("resp99999999999999999999999_x", ""),
            ("resp_x", ""),
            ("RESP0_x", ""),
            ("ré resp", ""),
            ("", ""),
        ];
        for (text, wanted) in table {
            let told = |param: &ResponseParam| format!("{} {} {}", param.key, param.backend, param.path.join("/"));
            let found: Vec<String> = ResponseParam::all_in(text).iter().map(told).collect();
            assert_eq!(found.join(";"), wanted, "{text}");
        }
    }
}
