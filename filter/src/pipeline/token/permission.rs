//! Checks the roles and scopes of a token as krakend-jose compares them. Knows no request.

use super::refusal::Refusal;
use crate::config::{ScopesMatcher, Validator};
use crate::data::{Table, Value};

/// Checks roles, then scopes.
pub(super) fn check(claims: &Table, validator: &Validator) -> Result<(), Refusal> {
    if !has_role(claims, validator)? {
        return Err(Refusal::Role("Token sent by client does not have sufficient roles"));
    }
    if !has_scopes(claims, validator)? {
        return Err(Refusal::Role("Token sent by client does not have the required scopes"));
    }
    Ok(())
}

/// The claim that a path of keys leads to.
pub(super) fn claim(claims: &Table, path: &[String]) -> Option<Value> {
    let (last, outer) = path.split_last()?;
    let mut table = claims.clone();
    for key in outer {
        let Value::Table(inner) = table.get(key.as_bytes())? else { return None };
        table = inner;
    }
    table.get(last.as_bytes())
}

fn has_role(claims: &Table, validator: &Validator) -> Result<bool, Refusal> {
    if validator.roles.is_empty() {
        return Ok(true);
    }
    let is_wanted = |role: &[u8]| validator.roles.iter().any(|wanted| wanted.as_bytes() == role);
    match claim(claims, &validator.roles_key) {
        Some(Value::String(roles)) => Ok(words(roles.as_bytes()).any(is_wanted)),
        Some(Value::List(roles)) => {
            let roles = roles.items();
            // KrakenD walks through the list once for each allowed role, and panics at an item that is not a text.
            for wanted in &validator.roles {
                for role in &roles {
                    match role {
                        Value::String(role) if role.as_bytes() == wanted.as_bytes() => return Ok(true),
                        Value::String(_) => {}
                        _ => return Err(Refusal::Panic("KrakenD's gateway panics at a role that is no text")),
                    }
                }
            }
            Ok(false)
        }
        _ => Ok(false),
    }
}

fn has_scopes(claims: &Table, validator: &Validator) -> Result<bool, Refusal> {
    if validator.scopes.is_empty() {
        return Ok(true);
    }
    let given: Vec<Vec<u8>> = match claim(claims, &validator.scopes_key) {
        Some(Value::String(scopes)) => words(scopes.as_bytes()).map(<[u8]>::to_vec).collect(),
        Some(Value::List(scopes)) => {
            let text = |scope: &Value| match scope {
                Value::String(scope) => Ok(scope.as_bytes().to_vec()),
                _ => Err(Refusal::Panic("KrakenD's gateway panics at a scope that is no text")),
            };
            scopes.items().iter().map(text).collect::<Result<_, _>>()?
        }
        _ => Vec::new(),
    };
    let is_given = |wanted: &String| given.iter().any(|given| given == wanted.as_bytes());
    Ok(match validator.scopes_matcher {
        ScopesMatcher::Any => validator.scopes.iter().any(is_given),
        ScopesMatcher::All => validator.scopes.iter().all(is_given),
    })
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b' ')
}
