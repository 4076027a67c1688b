//! Looks up places in a document, as the module names them: `$.endpoints[1].extra_config["modifier/lua-proxy"]`.

use serde_json::Value;

/// The value at a place.
pub(crate) fn find<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    let mut rest = path.strip_prefix('$')?;
    let mut value = document;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let (key, after) = quoted.split_once("\"]")?;
            (value, rest) = (value.get(key)?, after);
        } else if let Some(numbered) = rest.strip_prefix('[') {
            let (number, after) = numbered.split_once(']')?;
            (value, rest) = (value.get(number.parse::<usize>().ok()?)?, after);
        } else {
            let plain = rest.strip_prefix('.')?;
            let (key, after) = plain.split_at(plain.find(['.', '[']).unwrap_or(plain.len()));
            (value, rest) = (value.get(key)?, after);
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_numbers_and_quoted_keys_are_followed() {
        let json = serde_json::json!({"endpoints": [{}, {"extra_config": {"modifier/lua-proxy": 7}}]});
        let path = "$.endpoints[1].extra_config[\"modifier/lua-proxy\"]";
        assert_eq!(find(&json, path), Some(&Value::from(7)));
        assert_eq!(find(&json, "$"), Some(&json));
        assert_eq!(find(&json, "$.endpoints[7]"), None);
        assert_eq!(find(&json, "endpoints"), None);
    }
}
