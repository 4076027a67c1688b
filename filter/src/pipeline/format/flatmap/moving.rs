//! The operation `move`. As in KrakenD, only the lengths of its paths decide which of three things it does. Equal lengths: the
//! last key gets another name. A longer second path: the value is put further in, from where it was. A shorter second path: the
//! value is put where that path leads from the top, and `*` in it is the key that `*` of the first path has met.

use std::cmp::Ordering;

use super::budget::Budget;
use super::label::{Label, Path, Step};
use super::tree::{Edge, Node, take};
use crate::pipeline::failure::Failure;

/// Acts on a node at the end of a way; gets the keys on that way.
type Visit<'a> = dyn FnMut(&mut Node, &[Label], &mut Budget) -> Result<(), Failure> + 'a;

/// Moves the values at a path.
pub(super) fn moved(root: &mut Node, from: &Path, to: &Path, budget: &mut Budget) -> Result<(), Failure> {
    let (Some((last, way)), Some((name, _))) = (from.split_last(), to.split_last()) else { return Ok(()) };
    let mut keys = Vec::new();
    match from.len().cmp(&to.len()) {
        Ordering::Equal => visit(root, way, &mut keys, budget, &mut |node, _, budget| {
            if let Some(edge) = node.open(budget)?.iter_mut().find(|edge| edge.label == last.label) {
                edge.label = name.label.clone();
            }
            Ok(())
        }),
        Ordering::Less => {
            let inwards = to.get(way.len()..).unwrap_or_default();
            visit(root, way, &mut keys, budget, &mut |node, _, budget| match take(node.open(budget)?, &last.label) {
                Some(edge) => put_below(node, inwards, edge, budget),
                None => Ok(()),
            })
        }
        Ordering::Greater => {
            let mut found: Vec<(Vec<Label>, Edge)> = Vec::new();
            visit(root, way, &mut keys, budget, &mut |node, keys, budget| {
                found.extend(take(node.open(budget)?, &last.label).map(|edge| (keys.to_vec(), edge)));
                Ok(())
            })?;
            found.into_iter().try_for_each(|(keys, edge)| put_above(root, to, &keys, edge, budget))
        }
    }
}

// Visits every node that a way leads to.
fn visit(
    node: &mut Node,
    way: &[Step],
    keys: &mut Vec<Label>,
    budget: &mut Budget,
    act: &mut Visit<'_>,
) -> Result<(), Failure> {
    let Some((first, rest)) = way.split_first() else { return act(node, keys, budget) };
    // Without `*`, only the first edge with this label counts.
    let most = if first.is_any { usize::MAX } else { 1 };
    let met = |edge: &&mut Edge| first.is_any || edge.label == first.label;
    for edge in node.open(budget)?.iter_mut().filter(met).take(most) {
        keys.push(edge.label.clone());
        visit(&mut edge.node, rest, keys, budget, act)?;
        keys.pop();
    }
    Ok(())
}

// `*` is an ordinary key here, and nodes that are missing on the way are made.
fn put_below(node: &mut Node, way: &[Step], edge: Edge, budget: &mut Budget) -> Result<(), Failure> {
    let Some((last, way)) = way.split_last() else { return Ok(()) };
    let mut parent = node;
    for step in way {
        parent = parent.below_or_new(&step.label, budget)?;
    }
    parent.open(budget)?.push(Edge { label: last.label.clone(), ..edge });
    Ok(())
}

// If the way ends early, the value is put there.
fn put_above(root: &mut Node, to: &Path, keys: &[Label], edge: Edge, budget: &mut Budget) -> Result<(), Failure> {
    let Some((last, way)) = to.split_last() else { return Ok(()) };
    let mut parent = root;
    for (at, step) in way.iter().enumerate() {
        let label = if step.is_any { keys.get(at).unwrap_or(&step.label) } else { &step.label };
        if parent.below(label, budget)?.is_none() {
            break;
        }
        parent = parent.below_or_new(label, budget)?;
    }
    parent.open(budget)?.push(Edge { label: last.label.clone(), ..edge });
    Ok(())
}
