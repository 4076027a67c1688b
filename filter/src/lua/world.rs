//! The code of one stage, and the environments in which it runs: one for each exchange, or, if the code only reads its globals, one
//! for all of them. Does not know how environments are made (library.lua).

use std::rc::Rc;

use mlua::{Function, Result, Table};

/// A compiled chunk: a maker of functions that run in an environment. (A clone of `Function` takes a place in the state's registry.)
#[derive(Clone)]
pub struct Chunk {
    pub(super) maker: Rc<Function>,
}

/// The code that runs in the environments of a world.
pub struct Code<'a, T: IntoIterator<Item = &'a str>> {
    /// The texts of all chunks.
    pub texts: T,
    /// The chunks that run before the later globals are there. Without any chunks, texts that are not known here may run, too.
    pub early: Vec<Chunk>,
    /// The chunks that run when they are there.
    pub late: Vec<Chunk>,
}

/// The parts from which the environments of one stage are made: the libraries and the host's globals, as far as its texts name
/// them.
pub struct World {
    // `None`: all its stages share their globals.
    pub(super) make: Option<Function>,
    // The globals of the host that its texts can reach.
    pub(super) reached: Box<[&'static str]>,
    // Those that are not copied.
    pub(super) lent: Box<[&'static str]>,
    // The functions of its chunks, by their makers, if all its stages share their globals.
    pub(super) ready: Vec<(Chunk, Rc<Ready>)>,
}

/// A script in globals that no script changes.
pub struct Ready {
    pub(super) function: Function,
    pub(super) environment: Rc<Environment>,
}

/// The globals of one stage of one exchange, or those that all stages of a world share.
#[derive(Debug)]
pub struct Environment {
    /// The script's globals.
    pub(super) globals: Table,
    /// The metatable of strings while this script runs; `None` in closed environments.
    pub(super) strings: Option<Table>,
}

impl<'a, T: IntoIterator<Item = &'a str>> Code<'a, T> {
    /// Texts whose chunks are not known.
    #[cfg(test)]
    pub(super) fn unknown(texts: T) -> Self {
        Self { texts, early: Vec::new(), late: Vec::new() }
    }
}

impl World {
    /// Makes fresh globals.
    pub fn environment(&self) -> Result<Rc<Environment>> {
        let make = self.make.as_ref().ok_or_else(|| mlua::Error::runtime("the scripts share their globals"))?;
        let (globals, strings) = make.call(())?;
        Ok(Rc::new(Environment { globals, strings }))
    }

    /// The function of this chunk, if all stages share their globals.
    pub fn ready(&self, chunk: &Chunk) -> Option<&Rc<Ready>> {
        self.ready.iter().find(|(known, _)| Rc::ptr_eq(&known.maker, &chunk.maker)).map(|(_, ready)| ready)
    }

    /// Whether this table is not copied for each environment.
    pub fn lends(&self, name: &str) -> bool {
        self.lent.contains(&name)
    }

    /// Whether scripts can reach this global of the host, if it exists.
    pub fn reaches(&self, name: &str) -> bool {
        self.reached.contains(&name)
    }
}
