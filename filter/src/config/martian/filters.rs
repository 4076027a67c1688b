//! `header.Filter` and `header.RegexFilter`: modifiers that are used or not, as a header is.

use super::headers::{read_at, value_at};
use super::modifier::{Condition, Martian, Modifier};
use super::reading::Reading;
use crate::config::pattern::Pattern;
use crate::config::reader::{Node, Result};

pub(super) fn by_value(node: &Node<'_>, reading: &mut Reading<'_>) -> Result<Martian> {
    let condition = Condition::HasValue { name: read_at(node, "name")?, value: value_at(node, "value")? };
    let then = reading.modifier_at(node, "modifier")?;
    let otherwise = match node.get("else") {
        Some(_) => reading.modifier_at(node, "else")?,
        None => Martian::default(),
    };
    Ok(chosen(&condition, then, otherwise))
}

pub(super) fn by_pattern(node: &Node<'_>, reading: &mut Reading<'_>) -> Result<Martian> {
    let name = read_at(node, "header")?;
    let regex =
        node.get("regex").ok_or_else(|| node.error_at("regex", "is missing: what to look for in the header"))?;
    let pattern = Pattern::new(regex.text()?).map_err(|why| regex.error(why))?;
    let then = reading.modifier_at(node, "modifier")?;
    Ok(chosen(&Condition::Matches { name, pattern }, then, Martian::default()))
}

fn chosen(condition: &Condition, then: Martian, otherwise: Martian) -> Martian {
    let choice = |then: Option<Modifier>, otherwise: Option<Modifier>| {
        (then.is_some() || otherwise.is_some()).then(|| Modifier::If {
            condition: condition.clone(),
            then: then.map(Box::new),
            otherwise: otherwise.map(Box::new),
        })
    };
    Martian {
        on_request: choice(then.on_request, otherwise.on_request),
        on_response: choice(then.on_response, otherwise.on_response),
    }
}
