//! The lines of a script that can run: the lines on which statements begin, with the last line of each statement. A statement
//! has run if any of its lines has run: for the definition of a function, Lua counts the last line, not the first.

use std::collections::{BTreeMap, BTreeSet};

use full_moon::LuaVersion;
use full_moon::ast::{ElseIf, LastStmt, Stmt};
use full_moon::node::Node;
use full_moon::visitors::Visitor;

/// The first lines of statements, each with the last line that belongs to it; `None`: this parser cannot read the script.
pub(super) fn of(text: &str) -> Option<BTreeMap<usize, usize>> {
    let ast = full_moon::parse_fallible(text, LuaVersion::lua54()).into_result().ok()?;
    let mut statements = Statements::default();
    statements.visit_ast(&ast);
    Some(statements.0)
}

/// The lines of `can_run` that have run.
pub(super) fn run(can_run: &BTreeMap<usize, usize>, executed: &BTreeSet<usize>) -> BTreeSet<usize> {
    let has_run = |(first, last): &(&usize, &usize)| executed.range(**first..=**last).next().is_some();
    can_run.iter().filter(has_run).map(|(first, _)| *first).collect()
}

#[derive(Default)]
struct Statements(BTreeMap<usize, usize>);

impl Statements {
    fn add(&mut self, node: &impl Node) {
        let lines = node.start_position().zip(node.end_position());
        if let Some((first, last)) = lines.map(|(first, last)| (first.line(), last.line())) {
            let known = self.0.entry(first).or_insert(last);
            *known = last.max(*known);
        }
    }
}

impl Visitor for Statements {
    fn visit_stmt(&mut self, statement: &Stmt) {
        self.add(statement);
    }

    fn visit_last_stmt(&mut self, statement: &LastStmt) {
        self.add(statement);
    }

    fn visit_else_if(&mut self, branch: &ElseIf) {
        self.add(branch.condition());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_and_branches_can_run_comments_and_ends_cannot() {
        let text = "-- a comment\nlocal function f(a)\n  if a then\n    return 1\n  elseif a == nil then\n    return 2\n  end\nend\n\nf(\n  3)\n";
        let can_run = of(text).unwrap();
        assert_eq!(can_run.keys().copied().collect::<Vec<_>>(), [2, 3, 4, 5, 6, 10]);
        // Lua reports the last line for the definition, and the line of the argument for the call.
        let executed = BTreeSet::from([8, 11, 3, 4]);
        assert_eq!(run(&can_run, &executed), BTreeSet::from([2, 3, 4, 10]));
    }

    #[test]
    fn what_this_parser_cannot_read_has_no_lines() {
        assert_eq!(of("local local"), None);
    }
}
