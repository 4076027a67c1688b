//! `querystring.Modifier` and `url.Modifier`: parts of a request's URL. The host stays the backend's own.

use super::modifier::{Martian, Modifier};
use super::reading::Reading;
use crate::config::reader::{Node, Result, quoted};
use crate::http::encode_path;

pub(super) fn set_query(node: &Node<'_>, _: &mut Reading<'_>) -> Result<Martian> {
    let name = node.text_at("name")?.ok_or_else(|| node.error_at("name", "is missing: a key of the query"))?;
    let value = node.text_at("value")?.unwrap_or_default();
    Ok(Martian { on_request: Some(Modifier::SetQuery { name, value }), on_response: None })
}

pub(super) fn set(node: &Node<'_>, _: &mut Reading<'_>) -> Result<Martian> {
    for key in ["scheme", "host"] {
        if node.text_at(key)?.is_some_and(|text| !text.is_empty()) {
            let words = "cannot be changed by url.Modifier here: write it into host of the backend";
            return Err(node.error_at(key, words));
        }
    }
    let part = |key: &str| Ok(node.text_at(key)?.filter(|text| !text.is_empty()));
    let path: Option<String> = part("path")?;
    if let Some(path) = path.as_ref().filter(|path| !path.starts_with('/')) {
        return Err(node.error_at("path", format!("{} must begin with \"/\"", quoted(path))));
    }
    let (path, query) = (path.map(|path| encode_path(path.as_bytes())), part("query")?);
    let changes = path.is_some() || query.is_some();
    Ok(Martian { on_request: changes.then_some(Modifier::SetUrl { path, query }), on_response: None })
}
