//! Translates expressions from the parser's tree to ours.

use std::rc::Rc;

use full_moon::ast::{self, BinOp, Call, Expression, Field, FunctionArgs, Index, Prefix, Suffix, Var};
use full_moon::node::Node;
use full_moon::tokenizer::{StringLiteralQuoteType, TokenReference, TokenType};

use super::escapes::decoded;
use super::lower::Lowering;
use super::tree::{Expr, Span, What};

/// Functions that shield their arguments: an error in the arguments is caught.
const SHIELDS: [&str; 2] = ["pcall", "xpcall"];

impl Lowering {
    pub(super) fn var(&mut self, var: &Var) -> Rc<Expr> {
        match var {
            Var::Name(token) => self.name(token),
            Var::Expression(chain) => self.chain(chain.prefix(), chain.suffixes()),
            _ => other(0..0, Vec::new()),
        }
    }

    fn name(&self, token: &TokenReference) -> Rc<Expr> {
        Rc::new(Expr { what: What::Name(self.variable(&text_of(token))), span: span_of(token) })
    }

    pub(super) fn chain<'a>(&mut self, prefix: &Prefix, suffixes: impl Iterator<Item = &'a Suffix>) -> Rc<Expr> {
        let mut expr = match prefix {
            Prefix::Name(token) => self.name(token),
            Prefix::Expression(inner) => self.expr(inner),
            _ => other(0..0, Vec::new()),
        };
        for suffix in suffixes {
            let span = expr.span.start..range(suffix).end;
            let what = match suffix {
                Suffix::Index(Index::Dot { name, .. }) => What::Field(expr, text_of(name), span_of(name)),
                Suffix::Index(Index::Brackets { expression, .. }) => {
                    let by = self.expr(expression);
                    match &by.what {
                        What::Text(name) => What::Field(expr, name.clone(), by.span.clone()),
                        _ => What::Index(expr, by),
                    }
                }
                Suffix::Call(Call::AnonymousCall(arguments)) => {
                    let shields = expr.global().is_some_and(|name| SHIELDS.contains(&name));
                    self.shields = self.shields.saturating_add(usize::from(shields));
                    let arguments = self.arguments(arguments);
                    self.shields = self.shields.saturating_sub(usize::from(shields));
                    What::Call(expr, arguments)
                }
                Suffix::Call(Call::MethodCall(call)) => {
                    let arguments = self.arguments(call.args());
                    What::Method(expr, text_of(call.name()), span_of(call.name()), arguments)
                }
                _ => What::Other(vec![expr]),
            };
            expr = Rc::new(Expr { what, span });
        }
        expr
    }

    fn arguments(&mut self, arguments: &FunctionArgs) -> Vec<Rc<Expr>> {
        match arguments {
            FunctionArgs::Parentheses { arguments, .. } => self.values(arguments.iter()),
            FunctionArgs::String(token) => vec![literal(token)],
            FunctionArgs::TableConstructor(table) => vec![self.table(table)],
            _ => Vec::new(),
        }
    }

    fn table(&mut self, table: &ast::TableConstructor) -> Rc<Expr> {
        let items = table.fields().iter().filter_map(|field| match field {
            Field::NameKey { key, value, .. } => Some((Some(text_of(key)), self.expr(value))),
            Field::NoKey(value) => Some((None, self.expr(value))),
            Field::ExpressionKey { key, value, .. } => {
                let key = self.expr(key);
                let value = self.expr(value);
                Some(match &key.what {
                    What::Text(name) => (Some(name.clone()), value),
                    _ => (None, other(range(field), vec![key, value])),
                })
            }
            _ => None,
        });
        let items = items.collect();
        Rc::new(Expr { what: What::Table(items), span: range(table) })
    }

    pub(super) fn expr(&mut self, expression: &Expression) -> Rc<Expr> {
        let what = match expression {
            Expression::BinaryOperator { lhs, binop, rhs } => {
                let (left, right) = (self.expr(lhs), self.expr(rhs));
                // For a long sum, the parser would look for the beginning at every step.
                let span = left.span.start..right.span.end;
                let what = match binop {
                    BinOp::TwoEqual(_) | BinOp::TildeEqual(_) => What::Equal(left, right),
                    BinOp::And(_) | BinOp::Or(_) => What::Logic(left, right),
                    BinOp::TwoDots(_) => What::Concat(left, right),
                    _ => What::Other(vec![left, right]),
                };
                return Rc::new(Expr { what, span });
            }
            Expression::Parentheses { expression, .. } => return self.expr(expression),
            Expression::UnaryOperator { unop, expression } => {
                let inner = self.expr(expression);
                match unop {
                    ast::UnOp::Not(_) => What::Not(inner),
                    _ => What::Other(vec![inner]),
                }
            }
            Expression::Function(function) => {
                return self.function(function.body(), false, span_of(function.function_token()));
            }
            Expression::FunctionCall(call) => return self.chain(call.prefix(), call.suffixes()),
            Expression::TableConstructor(table) => return self.table(table),
            Expression::String(token) => return literal(token),
            Expression::Symbol(token) if text_of(token) == "nil" => What::Nil,
            Expression::Var(var) => return self.var(var),
            _ => What::Other(Vec::new()),
        };
        Rc::new(Expr { what, span: range(expression) })
    }
}

fn other(span: Span, parts: Vec<Rc<Expr>>) -> Rc<Expr> {
    Rc::new(Expr { what: What::Other(parts), span })
}

fn literal(token: &TokenReference) -> Rc<Expr> {
    let text = match token.token_type() {
        TokenType::StringLiteral { literal, quote_type: StringLiteralQuoteType::Brackets, .. } => literal.to_string(),
        TokenType::StringLiteral { literal, .. } => decoded(literal).unwrap_or_else(|| literal.to_string()),
        _ => String::new(),
    };
    Rc::new(Expr { what: What::Text(text), span: span_of(token) })
}

pub(super) fn text_of(token: &TokenReference) -> String {
    token.token().to_string()
}

pub(super) fn span_of(token: &TokenReference) -> Span {
    token.token().start_position().bytes()..token.token().end_position().bytes()
}

fn range(node: &impl Node) -> Span {
    match node.range() {
        Some((start, end)) => start.bytes()..end.bytes(),
        None => 0..0,
    }
}
