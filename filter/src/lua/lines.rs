//! The lines of the scripts that have run: a hook on every line, set only on request, because it makes scripts several times
//! slower.

use std::cell::RefCell;
use std::collections::BTreeSet;

use mlua::debug::Debug;

use super::frames::{FileChunks, Text};

/// The lines that have run since they were last taken.
#[derive(Debug, Default)]
pub(super) struct Lines {
    sources: RefCell<BTreeSet<usize>>,
    script: RefCell<BTreeSet<usize>>,
    files: RefCell<Vec<BTreeSet<usize>>>,
}

impl Lines {
    /// Notes the line that is about to run, if it belongs to a script.
    pub(super) fn note(&self, frame: &Debug<'_>, chunks: &FileChunks) {
        let Some(line) = frame.current_line() else { return };
        let seen = match chunks.text(frame.source().source.as_deref()) {
            Some(Text::Sources) => &self.sources,
            Some(Text::Script) => &self.script,
            Some(Text::File(number)) => {
                let mut files = self.files.borrow_mut();
                if files.len() <= number {
                    files.resize_with(number.saturating_add(1), BTreeSet::default);
                }
                files.get_mut(number).map(|lines| lines.insert(line));
                return;
            }
            None => return,
        };
        seen.borrow_mut().insert(line);
    }

    /// The lines of a text that have run since the last call.
    pub(super) fn take(&self, text: Text) -> BTreeSet<usize> {
        match text {
            Text::Sources => self.sources.take(),
            Text::Script => self.script.take(),
            Text::File(number) => self.files.borrow_mut().get_mut(number).map(std::mem::take).unwrap_or_default(),
        }
    }

    /// The same for all files, in the order of their numbers.
    pub(super) fn take_files(&self) -> Vec<BTreeSet<usize>> {
        self.files.take()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::rc::Rc;

    use super::super::{Account, Code, Files, Given, Paused, RunLimits, Script, SourceMap, Start, Text, Vm};

    fn ran(code: &str, watched: bool) -> Vec<usize> {
        let vm = vm(&[]);
        run(&vm, code, watched)
    }

    fn vm(files: &[(&str, &str)]) -> Rc<Vm> {
        let lua = mlua::Lua::new();
        let print = lua.create_function(|_, ()| Ok(())).unwrap();
        let files = Files::new(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).into()))).unwrap();
        let given = Given { files: Rc::new(files), ..Given::printing(print) };
        Rc::new(Vm::new(true, given, lua).unwrap())
    }

    fn run(vm: &Rc<Vm>, code: &str, watched: bool) -> Vec<usize> {
        if watched {
            vm.watch_lines().unwrap();
        }
        let chunk = vm.compile(Text::Script, code).unwrap();
        let world = vm.world(Code::unknown([code]), [], [], []).unwrap();
        let environment = world.environment().unwrap();
        vm.take_lines(Text::Script);
        let mut script = Script::new(
            vm,
            Start::new(&chunk, &environment),
            "pre-script",
            &Rc::new(SourceMap::default()),
            Account::new(RunLimits::default()),
        );
        assert!(matches!(script.resume(&mut vm.objects()), Paused::Done));
        assert_eq!(vm.take_lines(Text::Sources).len(), 0);
        // The wrapper that makes a function of the code ends on a line of its own.
        vm.take_lines(Text::Script).into_iter().filter(|line| *line <= code.lines().count()).collect()
    }

    #[test]
    fn lines_that_ran_are_told_apart_from_those_that_did_not() {
        let code = "local x = 1\nif x > 1 then\n  x = 5\nelse\n  x = 7\nend\nlocal y = x";
        assert_eq!(ran(code, true), [1, 2, 5, 7]);
        assert_eq!(ran("local co = coroutine.wrap(function()\nlocal a = 1\nend)\nco()", true), [1, 2, 3, 4]);
    }

    #[test]
    fn lines_of_files_stand_by_the_name_of_the_file() {
        let vm = vm(&[("lua/a.lua", "local n = ...\nif n then\n  return 1\nend\nreturn 2"), ("b.lua", "\nx = 1")]);
        run(&vm, "dofile('lua/a.lua')\ndofile('./lua/a.lua')\nloadfile('lua/a.lua')(1)\nrequire('b')", true);
        let mut lines: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (name, ran) in vm.take_lines_of_files() {
            lines.entry(name.to_string()).or_default().extend(ran);
        }
        assert_eq!(lines.keys().collect::<Vec<_>>(), ["b.lua", "lua/a.lua"]);
        assert!(lines["lua/a.lua"].is_superset(&BTreeSet::from([1, 2, 3, 5])), "{lines:?}");
        assert!(lines["b.lua"].contains(&2) && !lines["b.lua"].contains(&1), "{lines:?}");
        assert!(vm.take_lines_of_files().is_empty());
    }

    #[test]
    fn nothing_is_noted_unless_asked() {
        assert!(ran("local x = 1", false).is_empty());
    }
}
