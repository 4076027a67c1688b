//! The scripts of one stage of one exchange: sources and `pre` for the request, `post` for the response, in one environment.

use std::collections::VecDeque;
use std::rc::Rc;

use super::custom_error::CustomError;
use super::machine::Machine;
use super::scope::{Half, Scope, Wait};
use super::side_request::WebResponse;
use crate::lua::{
    Account, Chunk, Environment, Paused, RunLimits, Script, ScriptError, SourceMap, Usage, World, error_text,
};

/// The compiled scripts of one `modifier/lua-*` block.
#[derive(Clone)]
pub struct Scripts {
    /// All sources in one chunk.
    pub sources: Option<Chunk>,
    /// `pre`, if there is one.
    pub pre: Option<Chunk>,
    /// `post`, if there is one.
    pub post: Option<Chunk>,
    /// Leads from a line of the joined sources back to its file.
    pub map: Rc<SourceMap>,
    /// The world from which their environments are made.
    pub world: Rc<World>,
}

/// The state of a stage after its scripts stopped.
#[derive(Debug)]
pub enum Progress {
    /// Its scripts of this half have run.
    Done,
    /// One script waits.
    Waits(Wait),
    /// One script failed.
    Failed(Box<ScriptError>, Option<CustomError>),
}

/// One stage that is under way.
pub struct StageRun {
    machine: Rc<Machine>,
    scope: Rc<Scope>,
    scripts: Scripts,
    environment: Option<Environment>,
    account: Account,
    // The chunks of this half that are still to run.
    queue: VecDeque<(Chunk, Half, &'static str)>,
    running: Option<Script>,
    has_begun: bool,
    // The bytes that its scripts made the host keep.
    kept: usize,
    // What the scripts that have ended spent, until it is taken.
    spent: Option<Usage>,
    failed_by_call: bool,
}

impl Drop for StageRun {
    fn drop(&mut self) {
        let replies = self.scope.replies_size.get();
        let size = self.scope.response.borrow().as_ref().and_then(|response| Some(response.try_borrow().ok()?.size));
        self.environment = None;
        self.running = None;
        self.machine.leave_behind(size.unwrap_or(0).saturating_add(replies).saturating_add(self.kept));
    }
}

impl StageRun {
    /// A stage whose scripts have not begun.
    pub fn new(machine: &Rc<Machine>, scripts: &Scripts, scope: Scope, limits: RunLimits) -> Self {
        Self {
            machine: Rc::clone(machine),
            scope: Rc::new(scope),
            scripts: scripts.clone(),
            environment: None,
            account: Account::new(limits),
            queue: VecDeque::new(),
            running: None,
            has_begun: false,
            kept: 0,
            spent: None,
            failed_by_call: false,
        }
    }

    /// The stage's messages and waits.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Gives the script the answers to the side requests that it waits for.
    pub fn answer(&mut self, replies: Vec<Result<WebResponse, String>>) -> Progress {
        let size: usize = replies.iter().flatten().map(|reply| reply.body.len()).sum();
        self.scope.replies_size.set(self.scope.replies_size.get().saturating_add(size));
        self.scope.replies.replace(replies);
        self.resume()
    }

    /// What its scripts have spent since the last call; `None` if no script has run.
    pub fn take_spent(&mut self) -> Option<Usage> {
        if let Some(script) = &self.running {
            let spent = script.account().spent();
            self.note_spent(spent);
        }
        self.spent.take()
    }

    fn note_spent(&mut self, spent: Usage) {
        let sum = self.spent.get_or_insert_default();
        sum.instructions = sum.instructions.saturating_add(spent.instructions);
        sum.time = sum.time.saturating_add(spent.time);
    }

    /// Whether the stage failed because a side request failed and the script did not catch that error.
    pub fn failed_by_call(&self) -> bool {
        self.failed_by_call
    }

    /// The scripts that it runs.
    pub fn scripts(&self) -> &Scripts {
        &self.scripts
    }

    /// Begins the sources and `pre`.
    pub fn pre(&mut self) -> Progress {
        let sources = self.scripts.sources.clone().map(|chunk| (chunk, Half::Pre, "pre-script"));
        let pre = self.scripts.pre.clone().map(|chunk| (chunk, Half::Pre, "pre-script"));
        self.queue.extend(sources.into_iter().chain(pre));
        self.resume()
    }

    /// Begins `post`.
    pub fn post(&mut self) -> Progress {
        self.queue.extend(self.scripts.post.clone().map(|chunk| (chunk, Half::Post, "post-script")));
        self.resume()
    }

    /// Resumes the chunk that waited, then runs the remaining chunks of this half.
    pub fn resume(&mut self) -> Progress {
        loop {
            let mut script = match self.running.take() {
                Some(script) => script,
                None => match self.queue.pop_front() {
                    None => return Progress::Done,
                    Some((chunk, half, name)) => match self.begin_chunk(&chunk, half, name) {
                        Ok(script) => script,
                        Err(error) => return Progress::Failed(Box::new(setup_error(&error)), None),
                    },
                },
            };
            let paused = Scope::during(&self.scope, || script.resume());
            if !matches!(paused, Paused::Waiting) {
                self.kept = self.kept.saturating_add(script.account().kept());
                self.note_spent(script.account().spent());
                self.account = script.account().of_next_run();
            }
            match paused {
                Paused::Done => {}
                Paused::Waiting => {
                    self.running = Some(script);
                    if let Some(wait) = self.scope.wait.take() {
                        return Progress::Waits(wait);
                    }
                }
                Paused::Failed(error) => {
                    self.queue.clear();
                    self.failed_by_call =
                        self.scope.call_error.take().is_some_and(|why| error.message == why.trim_matches(' '));
                    let custom = self.scope.custom_error.take().filter(|custom| custom.text == error.text);
                    return Progress::Failed(error, custom);
                }
            }
        }
    }

    fn begin_chunk(&mut self, chunk: &Chunk, half: Half, name: &'static str) -> mlua::Result<Script> {
        let vm = &self.machine.vm;
        self.scope.added_methods.borrow_mut().clear();
        let environment = match &self.environment {
            Some(environment) => environment.clone(),
            None => self.environment.insert(self.scripts.world.environment()?).clone(),
        };
        // The objects are put back before each chunk, whatever scripts made of them; `response` is added for `post`.
        let is_fresh = !std::mem::replace(&mut self.has_begun, true);
        for (name, value) in self.machine.globals.anew(self.scope.stage, half, is_fresh, &self.scripts.world) {
            vm.restore(&environment, name, &value)?;
        }
        self.scope.chunk.replace(Some((Rc::clone(&self.scripts.map), name)));
        Ok(Script::new(vm, chunk, &environment, name, &self.scripts.map, self.account))
    }
}

fn setup_error(error: &mlua::Error) -> ScriptError {
    let text = error_text(error);
    ScriptError { message: text.clone(), text, place: None, file: None, raised_at: None, exceeded: None }
}
