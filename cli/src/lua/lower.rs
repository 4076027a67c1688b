//! Translates statements and scopes from the parser's tree to ours: here names become variables. Texts that KrakenD takes as
//! one chunk (all sources of a block) are translated one after the other into one scope. Knows Lua, and nothing of KrakenD's
//! objects.

use std::collections::HashMap;
use std::rc::Rc;

use full_moon::ast::{self, Block, Expression, FunctionBody, LastStmt, Parameter, Stmt};

use super::expressions::{span_of, text_of};
use super::tree::{Act, Expr, Function, Given, Program, Span, Variable, What};

/// Makes one program of many texts.
#[derive(Default)]
pub(crate) struct Lowering {
    program: Program,
    scopes: Vec<HashMap<String, usize>>,
    // The functions around the present place, the innermost last.
    around: Vec<usize>,
    text: usize,
    pub(super) shields: usize,
}

impl Lowering {
    /// Adds texts that together are one chunk.
    pub(crate) fn chunk<'a>(&mut self, texts: impl IntoIterator<Item = (usize, &'a ast::Ast)>) {
        self.scopes = vec![HashMap::new()];
        for (text, tree) in texts {
            self.text = text;
            let chunk = self.open(Vec::new());
            self.program.chunks.insert(text, chunk);
            self.acts_of(tree.nodes());
            self.around.pop();
        }
    }

    /// The finished program: the calls of functions known by name tell the values of their parameters.
    pub(crate) fn finish(mut self) -> Program {
        super::calls::connect(&mut self.program);
        self.program
    }

    fn open(&mut self, parameters: Vec<usize>) -> usize {
        let number = self.program.functions.len();
        let shielded = self.shields > 0;
        self.program.functions.push(Function { text: self.text, parameters, acts: Vec::new(), shielded });
        self.around.push(number);
        number
    }

    fn act(&mut self, act: Act) {
        if let Some(function) = self.around.last().and_then(|number| self.program.functions.get_mut(*number)) {
            function.acts.push(act);
        }
    }

    fn declare(&mut self, name: &str, given: Option<Given>) -> usize {
        let number = self.program.locals.len();
        self.program.locals.push(given.into_iter().collect());
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), number);
        }
        number
    }

    fn give(&mut self, local: usize, given: Given) {
        if let Some(all) = self.program.locals.get_mut(local) {
            all.push(given);
        }
    }

    pub(super) fn variable(&self, name: &str) -> Variable {
        match self.scopes.iter().rev().find_map(|scope| scope.get(name)) {
            Some(local) => Variable::Local(*local),
            None => Variable::Global(name.to_owned()),
        }
    }

    fn scoped(&mut self, inside: impl FnOnce(&mut Self)) {
        self.scopes.push(HashMap::new());
        inside(self);
        self.scopes.pop();
    }

    fn block(&mut self, block: &Block) {
        self.scoped(|this| this.acts_of(block));
    }

    fn acts_of(&mut self, block: &Block) {
        for statement in block.stmts() {
            self.statement(statement);
        }
        if let Some(LastStmt::Return(values)) = block.last_stmt() {
            for value in values.returns() {
                self.eval(value);
            }
        }
    }

    fn eval(&mut self, expression: &Expression) {
        let expr = self.expr(expression);
        self.act(Act::Eval(expr));
    }

    fn test(&mut self, expression: &Expression) {
        let expr = self.expr(expression);
        self.act(Act::Test(expr));
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Assignment(assignment) => {
                let values = self.values(assignment.expressions().iter());
                for (place, var) in assignment.variables().iter().enumerate() {
                    let to = self.var(var);
                    self.assign(to, value_at(&values, place));
                }
                self.surplus(&values, assignment.variables().len());
            }
            Stmt::LocalAssignment(assignment) => {
                let values = self.values(assignment.expressions().iter());
                for (place, name) in assignment.names().iter().enumerate() {
                    let given = match value_at(&values, place) {
                        None if values.is_empty() => None, // nil, until something is assigned
                        None => Some(Given::Unknown),
                        Some(value) => Some(Given::Value(value)),
                    };
                    if let Some(Given::Value(value)) = &given
                        && !matches!(value.what, What::Function(_))
                    {
                        self.act(Act::Eval(Rc::clone(value)));
                    }
                    self.declare(&text_of(name), given);
                }
                self.surplus(&values, assignment.names().len());
            }
            Stmt::LocalFunction(function) => {
                let local = self.declare(&text_of(function.name()), None);
                let value = self.function(function.body(), false, span_of(function.name()));
                self.give(local, Given::Value(value));
            }
            Stmt::FunctionDeclaration(function) => self.declaration(function),
            Stmt::FunctionCall(call) => {
                let call = self.chain(call.prefix(), call.suffixes());
                self.act(Act::Eval(call));
            }
            Stmt::Do(block) => self.block(block.block()),
            Stmt::If(choice) => {
                self.test(choice.condition());
                self.block(choice.block());
                for other in choice.else_if().into_iter().flatten() {
                    self.test(other.condition());
                    self.block(other.block());
                }
                choice.else_block().into_iter().for_each(|block| self.block(block));
            }
            Stmt::While(repeated) => {
                self.test(repeated.condition());
                self.block(repeated.block());
            }
            Stmt::Repeat(repeated) => self.scoped(|this| {
                this.acts_of(repeated.block());
                this.test(repeated.until());
            }),
            Stmt::NumericFor(repeated) => {
                for bound in [Some(repeated.start()), Some(repeated.end()), repeated.step()].into_iter().flatten() {
                    self.eval(bound);
                }
                self.scoped(|this| {
                    this.declare(&text_of(repeated.index_variable()), Some(Given::Unknown));
                    this.acts_of(repeated.block());
                });
            }
            Stmt::GenericFor(repeated) => {
                repeated.expressions().iter().for_each(|expression| self.eval(expression));
                self.scoped(|this| {
                    for name in repeated.names() {
                        this.declare(&text_of(name), Some(Given::Unknown));
                    }
                    this.acts_of(repeated.block());
                });
            }
            _ => {} // goto and labels
        }
    }

    pub(super) fn values<'a>(&mut self, expressions: impl Iterator<Item = &'a Expression>) -> Vec<Rc<Expr>> {
        expressions.map(|expression| self.expr(expression)).collect()
    }

    // Lua also computes values that no variable takes.
    fn surplus(&mut self, values: &[Rc<Expr>], taken: usize) {
        for value in values.iter().skip(taken) {
            self.act(Act::Eval(Rc::clone(value)));
        }
    }

    fn assign(&mut self, to: Rc<Expr>, value: Option<Rc<Expr>>) {
        if let What::Name(Variable::Local(local)) = &to.what {
            self.give(*local, value.clone().map_or(Given::Unknown, Given::Value));
        }
        self.act(Act::Assign(to, value));
    }

    fn declaration(&mut self, function: &ast::FunctionDeclaration) {
        let name = function.name();
        let mut to: Option<Rc<Expr>> = None;
        for token in name.names().iter().chain(name.method_name()) {
            let span = span_of(token);
            to = Some(Rc::new(match to {
                None => Expr { what: What::Name(self.variable(&text_of(token))), span },
                Some(of) => {
                    let whole = of.span.start..span.end;
                    Expr { what: What::Field(of, text_of(token), span), span: whole }
                }
            }));
        }
        let Some(to) = to else { return };
        let value = self.function(function.body(), name.method_name().is_some(), to.span.clone());
        self.assign(to, Some(value));
    }

    pub(super) fn function(&mut self, body: &FunctionBody, method: bool, span: Span) -> Rc<Expr> {
        self.scopes.push(HashMap::new());
        let own = method.then(|| "self".to_owned());
        let names = body.parameters().iter().map(|parameter| match parameter {
            Parameter::Name(token) => text_of(token),
            _ => "arg".to_owned(), // the list of the values in `...`, as in Lua 5.0
        });
        let parameters: Vec<usize> = own.into_iter().chain(names).map(|name| self.declare(&name, None)).collect();
        let number = self.open(parameters);
        self.acts_of(body.block());
        self.around.pop();
        self.scopes.pop();
        Rc::new(Expr { what: What::Function(number), span })
    }
}

// The value at a place; none beyond the listed values, although a last value that is a call may give more.
fn value_at(values: &[Rc<Expr>], place: usize) -> Option<Rc<Expr>> {
    values.get(place).cloned()
}
