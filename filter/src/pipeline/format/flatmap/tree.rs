//! Data as KrakenD's flatmap sees it: a tree of nodes with labelled edges, in which a list is a node whose labels are numbers.
//! A node that no path leads into stays closed: it keeps its value as it was.

use std::collections::BTreeMap;

use super::budget::{Budget, weight};
use super::label::{Label, Step};
use crate::data::{List, MAX_DEPTH, Table, Value};
use crate::pipeline::failure::Failure;

/// One node.
pub(super) struct Node {
    // Without edges, this value is the whole content of the node (a closed node). If there are edges, it does not count.
    value: Value,
    is_list: bool,
    edges: Vec<Edge>,
}

/// The way to a node below another.
pub(super) struct Edge {
    pub(super) label: Label,
    pub(super) node: Node,
}

impl Node {
    /// A closed node.
    pub(super) fn new(value: Value) -> Self {
        Self { is_list: matches!(value, Value::List(_)), value, edges: Vec::new() }
    }

    /// The node's edges, which are made from its value.
    pub(super) fn open(&mut self, budget: &mut Budget) -> Result<&mut Vec<Edge>, Failure> {
        if self.edges.is_empty() {
            let fields: Vec<(Label, Value)> = match &self.value {
                Value::Table(table) => fields(table),
                Value::List(list) => places(list.items()),
                _ => Vec::new(),
            };
            // The node is not empty: from now on the edges hold its content.
            if !fields.is_empty() {
                budget.spend(fields.len())?;
                self.value = Value::Null;
                self.edges = fields.into_iter().map(|(label, value)| Edge { label, node: Self::new(value) }).collect();
            }
        }
        Ok(&mut self.edges)
    }

    /// The node behind the first edge with this label.
    pub(super) fn below(&mut self, label: &Label, budget: &mut Budget) -> Result<Option<&mut Self>, Failure> {
        Ok(self.open(budget)?.iter_mut().find(|edge| edge.label == *label).map(|edge| &mut edge.node))
    }

    /// The node behind the first edge with this label; makes the edge if it is missing.
    pub(super) fn below_or_new(&mut self, label: &Label, budget: &mut Budget) -> Result<&mut Self, Failure> {
        let edges = self.open(budget)?;
        let at = match edges.iter().position(|edge| edge.label == *label) {
            Some(at) => at,
            None => {
                budget.spend(label.weight().saturating_add(weight(&Value::Null)))?;
                edges.push(Edge { label: label.clone(), node: Self::new(Value::Null) });
                edges.len().saturating_sub(1)
            }
        };
        edges.get_mut(at).map(|edge| &mut edge.node).ok_or_else(|| Failure::broken("an edge that was just made"))
    }

    /// The value at a path: a list if a part of the path is `*`, null if there is no value.
    pub(super) fn get(&mut self, path: &[Step], budget: &mut Budget) -> Result<Value, Failure> {
        let Some((first, rest)) = path.split_first() else { return Ok(self.to_value()) };
        let edges = self.open(budget)?;
        if edges.is_empty() {
            return Ok(Value::Null);
        }
        if first.is_any {
            let all: Result<Vec<Value>, Failure> = edges.iter_mut().map(|edge| edge.node.get(rest, budget)).collect();
            return Ok(Value::List(List::from(all?)));
        }
        match self.below(&first.label, budget)? {
            Some(below) => below.get(rest, budget),
            None => Ok(Value::Null),
        }
    }

    /// Removes the values at a path.
    pub(super) fn del(&mut self, path: &[Step], budget: &mut Budget) -> Result<(), Failure> {
        let Some((first, rest)) = path.split_first() else { return Ok(()) };
        let edges = self.open(budget)?;
        if first.is_any && rest.is_empty() {
            edges.clear();
        } else if first.is_any {
            edges.iter_mut().try_for_each(|edge| edge.node.del(rest, budget))?;
        } else if rest.is_empty() {
            drop(take(edges, &first.label));
        } else if let Some(below) = self.below(&first.label, budget)? {
            below.del(rest, budget)?;
        }
        Ok(())
    }

    /// Puts the items of a list at a path, on top of the value that is there.
    pub(super) fn add(&mut self, path: &[Step], items: Vec<Value>, budget: &mut Budget) -> Result<(), Failure> {
        let mut node = self;
        for step in path {
            node = node.below_or_new(&step.label, budget)?;
        }
        node.cover(&Value::List(List::from(items)), 0, budget)
    }

    // Puts a value on top of the one that is there: parts with the same labels are covered in turn, other parts stay.
    fn cover(&mut self, value: &Value, depth: usize, budget: &mut Budget) -> Result<(), Failure> {
        if depth > MAX_DEPTH {
            return Err(too_deep());
        }
        if self.is_closed_with(value) {
            return Ok(());
        }
        self.open(budget)?;
        self.is_list = matches!(value, Value::List(_));
        let fields = match value {
            Value::Table(table) => fields(table),
            Value::List(list) => places(list.items()),
            _ => Vec::new(),
        };
        if fields.is_empty() {
            self.value = if value.is_container() { copy(value, depth, budget)? } else { value.clone() };
            return Ok(());
        }
        let mut known: BTreeMap<Label, usize> = BTreeMap::new();
        for (at, edge) in self.edges.iter().enumerate() {
            known.entry(edge.label.clone()).or_insert(at);
        }
        let deeper = depth.saturating_add(1);
        for (label, value) in fields {
            match known.get(&label).and_then(|at| self.edges.get_mut(*at)) {
                Some(edge) => edge.node.cover(&value, deeper, budget)?,
                None => {
                    budget.spend(label.weight())?;
                    let node = Self::new(copy(&value, deeper, budget)?);
                    self.edges.push(Edge { label, node });
                }
            }
        }
        Ok(())
    }

    // Is the node already this very table?
    fn is_closed_with(&self, value: &Value) -> bool {
        match (&self.value, value) {
            (Value::Table(own), Value::Table(other)) => self.edges.is_empty() && own.is_same(other),
            _ => false,
        }
    }

    /// The node's content as a value.
    pub(super) fn to_value(&self) -> Value {
        if self.edges.is_empty() {
            return self.value.clone();
        }
        if self.is_list {
            return Value::List(List::from(self.edges.iter().map(|edge| edge.node.to_value()).collect::<Vec<_>>()));
        }
        // If several edges have one label, the last one counts.
        Value::Table(self.edges.iter().map(|edge| (edge.label.text(), edge.node.to_value())).collect())
    }
}

/// Removes the first edge with this label, and gives it.
pub(super) fn take(edges: &mut Vec<Edge>, label: &Label) -> Option<Edge> {
    edges.iter().position(|edge| edge.label == *label).map(|at| edges.remove(at))
}

fn fields(table: &Table) -> Vec<(Label, Value)> {
    table.entries().into_iter().map(|(key, value)| (Label::of(key.as_bytes()), value)).collect()
}

fn places(items: Vec<Value>) -> Vec<(Label, Value)> {
    items.into_iter().enumerate().map(|(place, value)| (Label::at(place), value)).collect()
}

// A copy of the data: no part may be in two places, because scripts change data in place.
fn copy(value: &Value, depth: usize, budget: &mut Budget) -> Result<Value, Failure> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    budget.spend(weight(value))?;
    let deeper = depth.saturating_add(1);
    match value {
        Value::Table(table) => {
            let mut fields = Vec::new();
            for (key, value) in table.entries() {
                budget.spend(key.len().saturating_add(4))?;
                fields.push((key, copy(&value, deeper, budget)?));
            }
            Ok(Value::Table(fields.into_iter().collect()))
        }
        Value::List(list) => {
            let mut items = Vec::new();
            for item in list.items() {
                items.push(copy(&item, deeper, budget)?);
            }
            Ok(Value::List(List::from(items)))
        }
        scalar => Ok(scalar.clone()),
    }
}

fn too_deep() -> Failure {
    Failure::Upstream { message: format!("flatmap_filter meets data that nests deeper than {MAX_DEPTH} levels") }
}
