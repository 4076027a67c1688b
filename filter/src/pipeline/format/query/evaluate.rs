//! Evaluates an expression's tree over data. The recursion is as deep as the tree, whose depth is limited when it is parsed.

use jmespath::ast::{Ast, Comparator};

use super::arguments::Argument;
use super::charge::{Charge, QueryError};
use super::{compare, functions, literal, slice};
use crate::data::{Str, Table, Value};

pub(super) type Found = Result<Value, QueryError>;

/// One evaluation under way.
pub(super) struct Evaluation<'a> {
    pub(super) charge: &'a mut Charge,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(charge: &'a mut Charge) -> Self {
        Self { charge }
    }

    /// The result of a tree for a value.
    pub(super) fn value(&mut self, tree: &Ast, data: &Value) -> Found {
        self.charge.steps(1)?;
        match tree {
            Ast::Identity { .. } => Ok(data.clone()),
            Ast::Field { name, .. } => Ok(match data {
                Value::Table(table) => table.get(name.as_bytes()).unwrap_or_default(),
                _ => Value::Null,
            }),
            Ast::Subexpr { lhs, rhs, .. } => {
                let left = self.value(lhs, data)?;
                self.value(rhs, &left)
            }
            Ast::Index { idx, .. } => Ok(match data {
                Value::List(list) => slice::index(list.len(), *idx).and_then(|at| list.get(at)).unwrap_or_default(),
                _ => Value::Null,
            }),
            Ast::Slice { start, stop, step, .. } => self.slice(data, *start, *stop, *step),
            Ast::Literal { value, .. } => {
                self.charge.make(literal::size(value), 0)?;
                Ok(literal::value(value))
            }
            Ast::Projection { lhs, rhs, .. } => self.projection(lhs, rhs, data),
            Ast::ObjectValues { node, .. } => match self.value(node, data)? {
                Value::Table(table) => {
                    self.charge.make(table.len(), 0)?;
                    Ok(listed(table.entries().into_iter().map(|(_, value)| value).collect()))
                }
                _ => Ok(Value::Null),
            },
            Ast::Flatten { node, .. } => self.flatten(node, data),
            Ast::MultiList { elements, .. } => {
                if matches!(data, Value::Null) {
                    return Ok(Value::Null);
                }
                self.charge.make(elements.len(), 0)?;
                let items = elements.iter().map(|element| self.value(element, data));
                Ok(listed(items.collect::<Result<_, _>>()?))
            }
            Ast::MultiHash { elements, .. } => {
                if matches!(data, Value::Null) {
                    return Ok(Value::Null);
                }
                self.charge.make(elements.len(), elements.iter().map(|pair| pair.key.len()).sum())?;
                let field = |pair: &jmespath::ast::KeyValuePair| {
                    Ok((Str::from(pair.key.as_str()), self.value(&pair.value, data)?))
                };
                Ok(Value::Table(elements.iter().map(field).collect::<Result<Table, _>>()?))
            }
            Ast::Not { .. } | Ast::And { .. } | Ast::Or { .. } | Ast::Condition { .. } | Ast::Comparison { .. } => {
                self.logic(tree, data)
            }
            Ast::Function { name, args, .. } => {
                let arguments = args.iter().map(|argument| match argument {
                    Ast::Expref { ast, .. } => Ok(Argument::Expression(ast)),
                    argument => Ok(Argument::Value(self.value(argument, data)?)),
                });
                let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
                functions::call(self, name, &arguments)
            }
            Ast::Expref { .. } => Err(QueryError::Wrong("&… stands for no value: only functions take it".to_owned())),
        }
    }

    fn logic(&mut self, tree: &Ast, data: &Value) -> Found {
        match tree {
            Ast::Not { node, .. } => Ok(Value::Bool(!compare::is_true(&self.value(node, data)?))),
            Ast::And { lhs, rhs, .. } => match self.value(lhs, data)? {
                left if compare::is_true(&left) => self.value(rhs, data),
                left => Ok(left),
            },
            Ast::Or { lhs, rhs, .. } => match self.value(lhs, data)? {
                left if compare::is_true(&left) => Ok(left),
                _ => self.value(rhs, data),
            },
            Ast::Condition { predicate, then, .. } => match self.value(predicate, data)? {
                answer if compare::is_true(&answer) => self.value(then, data),
                _ => Ok(Value::Null),
            },
            Ast::Comparison { comparator, lhs, rhs, .. } => {
                let (left, right) = (self.value(lhs, data)?, self.value(rhs, data)?);
                self.comparison(comparator, &left, &right)
            }
            _ => Ok(Value::Null),
        }
    }

    // Only numbers have an order here; for other values the result is null.
    fn comparison(&mut self, comparator: &Comparator, left: &Value, right: &Value) -> Found {
        let order = match (left, right) {
            (Value::Number(_), Value::Number(_)) => compare::order(left, right),
            _ => None,
        };
        let holds = match comparator {
            Comparator::Equal => return Ok(Value::Bool(compare::equal(left, right, self.charge)?)),
            Comparator::NotEqual => return Ok(Value::Bool(!compare::equal(left, right, self.charge)?)),
            Comparator::LessThan => order.map(std::cmp::Ordering::is_lt),
            Comparator::LessThanEqual => order.map(std::cmp::Ordering::is_le),
            Comparator::GreaterThan => order.map(std::cmp::Ordering::is_gt),
            Comparator::GreaterThanEqual => order.map(std::cmp::Ordering::is_ge),
        };
        Ok(holds.map_or(Value::Null, Value::Bool))
    }

    fn projection(&mut self, lhs: &Ast, rhs: &Ast, data: &Value) -> Found {
        let Value::List(list) = self.value(lhs, data)? else { return Ok(Value::Null) };
        self.charge.make(list.len(), 0)?;
        let mut found = Vec::new();
        for item in list.items() {
            match self.value(rhs, &item)? {
                Value::Null => {}
                value => found.push(value),
            }
        }
        Ok(listed(found))
    }

    fn flatten(&mut self, node: &Ast, data: &Value) -> Found {
        let Value::List(list) = self.value(node, data)? else { return Ok(Value::Null) };
        let mut found = Vec::new();
        self.charge.make(list.len(), 0)?;
        for item in list.items() {
            match item {
                Value::List(inner) => {
                    self.charge.make(inner.len(), 0)?;
                    found.extend(inner.items());
                }
                item => found.push(item),
            }
        }
        Ok(listed(found))
    }

    fn slice(&mut self, data: &Value, start: Option<i32>, stop: Option<i32>, step: i32) -> Found {
        let Value::List(list) = data else { return Ok(Value::Null) };
        self.charge.make(list.len(), 0)?;
        let Some(indexes) = slice::indexes(list.len(), start, stop, step) else {
            return Err(QueryError::Wrong("the step of a slice is 0".to_owned()));
        };
        let items = list.items();
        Ok(listed(indexes.into_iter().filter_map(|at| items.get(at).cloned()).collect()))
    }
}

/// Values as a list.
pub(super) fn listed(items: Vec<Value>) -> Value {
    Value::List(items.into())
}
