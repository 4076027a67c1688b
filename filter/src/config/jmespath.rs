//! The namespace `modifier/jmespath`: an expression that is parsed when the configuration loads. Knows no data.

#[cfg(feature = "jmespath")]
use std::rc::Rc;

use super::migration;
use super::notices::Notices;
use super::reader::{Node, Result};

/// An expression of JMESPath.
#[derive(Clone, Debug)]
pub struct Expression {
    /// As written.
    pub text: String,
    /// The parsed expression. It nests at most 250 levels.
    #[cfg(feature = "jmespath")]
    pub tree: Rc<jmespath::ast::Ast>,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Expression {}

/// The most operators and brackets that may lie inside each other: expressions are parsed and evaluated by recursion, in a
/// small stack.
#[cfg(feature = "jmespath")]
const DEEPEST: usize = 250;

/// The most bytes of an expression.
#[cfg(feature = "jmespath")]
const LONGEST: usize = 64 << 10;

/// Reads the expression of the block.
pub(super) fn read(block: &Node<'_>, notices: &mut Notices) -> Result<Expression> {
    notices.check_keys(block, migration::JMESPATH)?;
    let Some(node) = block.get("expr") else {
        return Err(block.error_at("expr", "is missing: the expression of JMESPath"));
    };
    understood(&node)
}

#[cfg(not(feature = "jmespath"))]
fn understood(node: &Node<'_>) -> Result<Expression> {
    node.text()?;
    Err(node.error("modifier/jmespath is not supported here: this build is without it"))
}

#[cfg(feature = "jmespath")]
fn understood(node: &Node<'_>) -> Result<Expression> {
    let text = node.text()?;
    if text.len() > LONGEST {
        return Err(node.error(format!("the expression is longer than {LONGEST} bytes")));
    }
    if depth(text) > DEEPEST {
        return Err(node.error(format!("the expression nests deeper than {DEEPEST} levels of operators and brackets")));
    }
    match jmespath::parse(text) {
        Ok(tree) => Ok(Expression { text: text.to_owned(), tree: Rc::new(tree) }),
        Err(error) => {
            let (line, column) = (error.line.saturating_add(1), error.column.saturating_add(1));
            let words = match &error.reason {
                jmespath::ErrorReason::Parse(words) => words.clone(),
                reason @ jmespath::ErrorReason::Runtime(_) => reason.to_string(),
            };
            Err(node.error(format!("no expression of JMESPath: line {line}, column {column}: {words}")))
        }
    }
}

/// An upper bound for the depth of an expression's tree: the operators of one list item, and the brackets around it.
#[cfg(feature = "jmespath")]
fn depth(text: &str) -> usize {
    let mut bytes = text.bytes();
    let (mut operators, mut deepest) = (vec![0_usize], 0_usize);
    let mut sum: usize = 0;
    let mut before = b' ';
    while let Some(byte) = bytes.next() {
        let follows = std::mem::replace(&mut before, byte);
        match byte {
            quote @ (b'\'' | b'"' | b'`') => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        byte if byte == quote => break,
                        _ => {}
                    }
                }
            }
            b'(' | b'[' | b'{' => {
                operators.push(1);
                sum = sum.saturating_add(1);
            }
            b')' | b']' | b'}' => {
                // An operator after a closing bracket holds the bracket: the bracket goes on counting, as one operator.
                if let [.., _, _] = operators.as_slice() {
                    let within = operators.pop().unwrap_or_default();
                    sum = sum.saturating_sub(within).saturating_add(1);
                    if let Some(outer) = operators.last_mut() {
                        *outer = outer.saturating_add(1);
                    }
                }
            }
            b',' => {
                if let Some(here) = operators.last_mut() {
                    sum = sum.saturating_sub(here.saturating_sub(1));
                    *here = 1;
                }
            }
            // `||`, `&&`, `==`, `<=` are one operator each.
            b'|' | b'&' | b'=' if matches!(follows, b'|' | b'&' | b'=' | b'<' | b'>' | b'!') => {}
            b'.' | b'|' | b'&' | b'!' | b'*' | b'<' | b'>' | b'=' | b'?' => {
                sum = sum.saturating_add(1);
                if let Some(here) = operators.last_mut() {
                    *here = here.saturating_add(1);
                }
            }
            _ => {}
        }
        deepest = deepest.max(sum);
    }
    deepest
}

#[cfg(feature = "jmespath")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nests_is_counted_and_what_stands_side_by_side_is_not() {
        let rows = [
            ("a", 0),
            ("a.b.c", 2),
            ("[a.b, c.d, e.f]", 2),
            ("{a: x.y, b: x.y, c: x.y}", 2),
            ("'((((' | a", 1),
            ("\"a\\\".b.c\"", 0),
            ("((((a))))", 4),
            ("!!!a", 3),
        ];
        for (text, least) in rows {
            let found = depth(text);
            assert!((least..least + 4).contains(&found), "{text}: {found}");
        }
        let wide = format!("{{{}}}", (0..500).map(|key| format!("k{key}: a.b[0].c")).collect::<Vec<_>>().join(", "));
        assert!(depth(&wide) < 12, "{}", depth(&wide));
        assert!(depth(&"(".repeat(5_000)) >= 5_000 && depth(&"a.".repeat(5_000)) >= 5_000);
    }

    #[test]
    fn the_deepest_expressions_are_parsed_in_a_small_stack() {
        std::thread::Builder::new()
            .stack_size(if cfg!(debug_assertions) { 8 << 20 } else { 512 << 10 })
            .spawn(|| {
                let brackets = DEEPEST - 2;
                for text in [
                    "!".repeat(brackets) + "a",
                    "(".repeat(brackets) + "a" + &")".repeat(brackets),
                    "a".to_owned() + &"[*]".repeat(DEEPEST - 2),
                    "a".to_owned() + &".a".repeat(brackets),
                ] {
                    assert!(depth(&text) <= DEEPEST, "{text}");
                    drop(jmespath::parse(&text).unwrap());
                }
            })
            .unwrap()
            .join()
            .unwrap();
    }
}
