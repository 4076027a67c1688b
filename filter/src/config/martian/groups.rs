//! `fifo.Group` and `priority.Group`: the order of several modifiers.

use super::modifier::{Martian, Modifier};
use super::reading::Reading;
use crate::config::migration::MARTIAN_PRIORITY;
use crate::config::reader::{Node, Result};

pub(super) fn fifo(node: &Node<'_>, reading: &mut Reading<'_>) -> Result<Martian> {
    let goes_on = node.flag_at("aggregateErrors")?;
    let mut members = Vec::new();
    if let Some(list) = node.get("modifiers") {
        for item in list.items()? {
            members.push(reading.modifier(&item)?);
        }
    }
    Ok(grouped(members, goes_on))
}

pub(super) fn priority(node: &Node<'_>, reading: &mut Reading<'_>) -> Result<Martian> {
    let mut members: Vec<(i64, Martian)> = Vec::new();
    if let Some(list) = node.get("modifiers") {
        for item in list.items()? {
            reading.notices.check_keys(&item, MARTIAN_PRIORITY)?;
            let priority = item.get("priority").map_or(Ok(0), |priority| priority.whole())?;
            let modifier = reading.modifier_at(&item, "modifier")?;
            // Of several modifiers with one priority, the last comes first.
            let at = members.iter().position(|(other, _)| priority >= *other).unwrap_or(members.len());
            members.insert(at, (priority, modifier));
        }
    }
    Ok(grouped(members.into_iter().map(|(_, modifier)| modifier).collect(), false))
}

fn grouped(members: Vec<Martian>, goes_on: bool) -> Martian {
    let (requests, responses): (Vec<_>, Vec<_>) =
        members.into_iter().map(|member| (member.on_request, member.on_response)).unzip();
    let group = |members: Vec<Option<Modifier>>| {
        let mut all: Vec<Modifier> = members.into_iter().flatten().collect();
        if all.len() > 1 { Some(Modifier::Group { all, goes_on }) } else { all.pop() }
    };
    Martian { on_request: group(requests), on_response: group(responses) }
}
