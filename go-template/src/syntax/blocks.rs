//! Parses a whole text: its blocks become steps with jumps, and each `define` a program of its own. Blocks inside blocks take
//! no stack. Source: Go's text/template/parse/parse.go, whose recursion is replaced by a list of open blocks.

use std::rc::Rc;

use super::parser::{FunctionNames, Parser};
use super::program::{Call, Program, Source, Step};
use super::token::{Kind, Token, Word};
use crate::error::Error;
use crate::text::quote;

/// The programs of a text; the program of the text itself is the last.
pub(crate) fn parse(source: &Rc<Source>, functions: &dyn FunctionNames) -> Result<Vec<Program>, Error> {
    let main = Template::new(source.name.clone(), Role::Main);
    let mut blocks = Blocks { parser: Parser::new(source, functions), templates: vec![main], done: Vec::new() };
    while blocks.item()? {}
    Ok(blocks.done)
}

struct Blocks<'t> {
    parser: Parser<'t>,
    /// The templates that are being parsed; the innermost is the last.
    templates: Vec<Template>,
    done: Vec<Program>,
}

struct Template {
    name: Rc<str>,
    role: Role,
    steps: Vec<Step>,
    open: Vec<Block>,
}

enum Role {
    Main,
    Define,
    /// A `block`, with the step that calls it in the template around it.
    Block(Call),
}

struct Block {
    word: Word,
    /// The step that opened the block.
    opener: usize,
    /// The number of variables before the block.
    variables: usize,
    /// The block began as `else if`, and ends with the block around it.
    chained: bool,
    in_else: bool,
    /// The step after the first list, which jumps to the end of the second: `Jump` or `Next`.
    after_list: Option<usize>,
    /// Steps that leave the loop.
    exits: Vec<usize>,
}

impl Template {
    fn new(name: Rc<str>, role: Role) -> Self {
        Self { name, role, steps: Vec::new(), open: Vec::new() }
    }

    /// Adds the step after the first list of a block.
    fn end_list(&mut self, block: &mut Block) {
        let body = block.opener + 1;
        match block.word {
            Word::Range => {
                block.after_list = Some(self.steps.len());
                self.steps.push(Step::Next { body, leave: 0 });
            }
            // Without a second list no jump is needed: the next step is the end.
            _ if block.in_else => {
                block.after_list = Some(self.steps.len());
                self.steps.push(Step::Jump(0));
            }
            _ => {}
        }
        let here = self.steps.len();
        if let Some(Step::If { otherwise, .. } | Step::With { otherwise, .. } | Step::Range { otherwise, .. }) =
            self.steps.get_mut(block.opener)
        {
            *otherwise = here;
        }
    }

    fn close(&mut self, block: &Block) {
        let end = self.steps.len();
        self.steps.push(Step::Leave);
        for step in block.exits.iter().chain(&block.after_list) {
            match self.steps.get_mut(*step) {
                Some(Step::Next { leave, .. } | Step::Jump(leave) | Step::Break { leave, .. }) => *leave = end,
                Some(Step::Continue { next, .. }) => *next = block.after_list.unwrap_or(end),
                _ => {}
            }
        }
    }
}

impl Blocks<'_> {
    fn template(&mut self) -> Result<&mut Template, Error> {
        match self.templates.last_mut() {
            Some(template) => Ok(template),
            None => Err(self.parser.error("no template is open")),
        }
    }

    /// Parses a text or an action; false at the end.
    fn item(&mut self) -> Result<bool, Error> {
        let template = self.template()?;
        let at_top = matches!(template.role, Role::Main) && template.open.is_empty();
        let token = if at_top { self.parser.next() } else { self.parser.next_but_space() };
        match token.kind {
            Kind::Eof if at_top => {
                self.finish()?;
                return Ok(false);
            }
            Kind::Eof => return Err(self.parser.error("unexpected EOF")),
            Kind::Space => {}
            Kind::Text => {
                let range = token.at..token.at + token.text.len();
                self.template()?.steps.push(Step::Text(range));
            }
            Kind::LeftDelimiter => self.action(&token, at_top)?,
            _ => return Err(self.parser.unexpected(&token, "input")),
        }
        Ok(true)
    }

    fn action(&mut self, delimiter: &Token<'_>, at_top: bool) -> Result<(), Error> {
        let token = self.parser.next_but_space();
        if token.kind == Kind::Word(Word::Define) && at_top {
            return self.define();
        }
        self.parser.tree().action_line = Some(delimiter.line);
        match token.kind {
            // The line is kept until the next action ends, as in Go.
            Kind::Word(word @ (Word::If | Word::Range | Word::With)) => return self.open(word, false),
            Kind::Word(Word::Block) => return self.block(),
            Kind::Word(word @ (Word::Break | Word::Continue)) => self.leave_loop(word, token.at)?,
            Kind::Word(Word::Else) => self.otherwise()?,
            Kind::Word(Word::End) => {
                self.parser.expect(Kind::RightDelimiter, "end")?;
                self.end()?;
            }
            Kind::Word(Word::Template) => self.call()?,
            _ => {
                self.parser.put_back(token);
                let pipe = self.parser.pipeline("command", Kind::RightDelimiter)?;
                self.template()?.steps.push(Step::Action(pipe));
            }
        }
        self.parser.tree().action_line = None;
        Ok(())
    }

    fn define(&mut self) -> Result<(), Error> {
        self.parser.open();
        let name = self.name("define clause")?.1;
        self.parser.expect(Kind::RightDelimiter, "define clause")?;
        self.templates.push(Template::new(name, Role::Define));
        Ok(())
    }

    fn block(&mut self) -> Result<(), Error> {
        let (at, name) = self.name("block clause")?;
        let pipe = Some(self.parser.pipeline("block clause", Kind::RightDelimiter)?);
        self.templates.push(Template::new(name.clone(), Role::Block(Call { at, name, pipe })));
        self.parser.open();
        Ok(())
    }

    fn call(&mut self) -> Result<(), Error> {
        let (at, name) = self.name("template clause")?;
        let next = self.parser.next_but_space();
        let mut pipe = None;
        if next.kind != Kind::RightDelimiter {
            self.parser.put_back(next);
            pipe = Some(self.parser.pipeline("template clause", Kind::RightDelimiter)?);
        }
        self.template()?.steps.push(Step::Template(Call { at, name, pipe }));
        Ok(())
    }

    fn name(&mut self, context: &str) -> Result<(usize, Rc<str>), Error> {
        let token = self.parser.next_but_space();
        if !matches!(token.kind, Kind::String | Kind::RawString) {
            return Err(self.parser.unexpected(&token, context));
        }
        Ok((token.at, self.parser.string(&token)?.into()))
    }

    fn open(&mut self, word: Word, chained: bool) -> Result<(), Error> {
        let variables = self.parser.tree().variables.len();
        let context = match word {
            Word::If => "if",
            Word::With => "with",
            _ => "range",
        };
        let (pipe, otherwise) = (self.parser.pipeline(context, Kind::RightDelimiter)?, 0);
        if word == Word::Range {
            self.parser.tree().loops += 1;
        }
        let template = self.template()?;
        let opener = template.steps.len();
        template.steps.push(match word {
            Word::If => Step::If { pipe, otherwise },
            Word::With => Step::With { pipe, otherwise },
            _ => Step::Range { pipe, otherwise },
        });
        let block = Block { word, opener, variables, chained, in_else: false, after_list: None, exits: Vec::new() };
        template.open.push(block);
        Ok(())
    }

    fn leave_loop(&mut self, word: Word, at: usize) -> Result<(), Error> {
        let text = if word == Word::Break { "{{break}}" } else { "{{continue}}" };
        let token = self.parser.next_but_space();
        if token.kind != Kind::RightDelimiter {
            return Err(self.parser.unexpected(&token, text));
        }
        let is_loop = |block: &&mut Block| block.word == Word::Range && !block.in_else;
        let template = self.template()?;
        let step = template.steps.len();
        match template.open.iter_mut().rev().find(is_loop) {
            Some(block) => block.exits.push(step),
            None => return Err(self.parser.error(&format!("{text} outside {{{{range}}}}"))),
        }
        template.steps.push(match word {
            Word::Break => Step::Break { at, leave: 0 },
            _ => Step::Continue { at, next: 0 },
        });
        Ok(())
    }

    fn otherwise(&mut self) -> Result<(), Error> {
        let next = self.parser.peek_but_space();
        let pending = matches!(next.kind, Kind::Word(Word::If | Word::With));
        if !pending {
            self.parser.expect(Kind::RightDelimiter, "else")?;
        }
        let template = self.template()?;
        let Some(mut block) = template.open.pop() else { return Err(self.misplaced("{{else}}")) };
        if block.in_else {
            return Err(self.parser.error("expected end; found {{else}}"));
        }
        block.in_else = true;
        template.end_list(&mut block);
        let word = block.word;
        template.open.push(block);
        if word == Word::Range {
            self.parser.tree().loops -= 1;
        }
        if pending && next.kind == Kind::Word(word) {
            self.parser.next_but_space();
            return self.open(word, true);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        if self.template()?.open.is_empty() {
            return if self.templates.len() > 1 { self.finish() } else { Err(self.misplaced("{{end}}")) };
        }
        loop {
            let template = self.template()?;
            let Some(mut block) = template.open.pop() else { return Ok(()) };
            if !block.in_else {
                template.end_list(&mut block);
            }
            template.close(&block);
            let tree = self.parser.tree();
            tree.variables.truncate(block.variables);
            if block.word == Word::Range && !block.in_else {
                tree.loops -= 1;
            }
            if !block.chained {
                return Ok(());
            }
        }
    }

    /// The error about an `else` or `end` without an open block.
    fn misplaced(&mut self, what: &str) -> Error {
        let context = match self.templates.last().map(|template| &template.role) {
            Some(Role::Define) => " in define clause",
            Some(Role::Block(_)) => {
                self.parser.close();
                " in block clause"
            }
            _ => "",
        };
        self.parser.error(&format!("unexpected {what}{context}"))
    }

    /// Ends the innermost template.
    fn finish(&mut self) -> Result<(), Error> {
        let Some(Template { name, role, steps, .. }) = self.templates.pop() else { return Ok(()) };
        let program = Program { name, source: self.parser.source.clone(), steps };
        match self.done.iter_mut().find(|other| other.name == program.name) {
            Some(other) if other.is_empty() => *other = program,
            Some(_) if program.is_empty() => {}
            Some(_) => {
                let name = quote(&program.name);
                return Err(self.parser.error(&format!("template: multiple definition of template {name}")));
            }
            None => self.done.push(program),
        }
        self.parser.close();
        if let (Role::Block(call), Some(outer)) = (role, self.templates.last_mut()) {
            outer.steps.push(Step::Template(call));
            self.parser.tree().action_line = None;
        }
        Ok(())
    }
}
