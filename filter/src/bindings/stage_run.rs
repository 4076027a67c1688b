//! The scripts of one stage of one exchange: sources and `pre` for the request, `post` for the response, in one environment.

use std::rc::Rc;
use std::slice;

use super::custom_error::CustomError;
use super::machine::Machine;
use super::scope::{Half, Scope, Wait};
use super::side_request::WebResponse;
use crate::lua::{
    Account, Chunk, Environment, Objects, Paused, RunLimits, Script, ScriptError, SourceMap, Start, Usage, World,
    error_text,
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

/// One of the compiled scripts.
#[derive(Clone, Copy)]
enum Part {
    Sources,
    Pre,
    Post,
}

impl Part {
    fn half(self) -> Half {
        match self {
            Self::Sources | Self::Pre => Half::Pre,
            Self::Post => Half::Post,
        }
    }

    /// Its name in errors.
    fn name(self) -> &'static str {
        match self {
            Self::Sources | Self::Pre => "pre-script",
            Self::Post => "post-script",
        }
    }
}

impl Scripts {
    fn part(&self, part: Part) -> Option<&Chunk> {
        match part {
            Part::Sources => self.sources.as_ref(),
            Part::Pre => self.pre.as_ref(),
            Part::Post => self.post.as_ref(),
        }
    }
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
    scripts: Rc<Scripts>,
    // Its own globals, unless all stages with these scripts share theirs.
    environment: Option<Rc<Environment>>,
    account: Account,
    // The scripts of this half that are still to run.
    queue: slice::Iter<'static, Part>,
    running: Option<Script>,
    // The objects that its scripts hold.
    objects: Objects,
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
    #[inline] // large: made where it stays
    pub fn new(machine: &Rc<Machine>, scripts: &Rc<Scripts>, scope: Scope, limits: RunLimits) -> Self {
        Self {
            machine: Rc::clone(machine),
            scope: Rc::new(scope),
            scripts: Rc::clone(scripts),
            environment: None,
            account: Account::new(limits),
            queue: [].iter(),
            running: None,
            objects: machine.vm.objects(),
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
        self.queue = [Part::Sources, Part::Pre].iter();
        self.resume()
    }

    /// Begins `post`.
    pub fn post(&mut self) -> Progress {
        self.queue = [Part::Post].iter();
        self.resume()
    }

    /// Resumes the chunk that waited, then runs the remaining chunks of this half.
    pub fn resume(&mut self) -> Progress {
        loop {
            let mut script = match self.running.take() {
                Some(script) => script,
                None => match self.queue.next() {
                    None => return Progress::Done,
                    Some(part) => match self.begin_part(*part) {
                        Ok(Some(script)) => script,
                        Ok(None) => continue,
                        Err(error) => return Progress::Failed(Box::new(setup_error(&error)), None),
                    },
                },
            };
            let paused = Scope::during(&self.scope, || script.resume(&mut self.objects));
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
                    self.queue = [].iter();
                    self.failed_by_call =
                        self.scope.call_error.take().is_some_and(|why| error.message == why.trim_matches(' '));
                    let custom = self.scope.custom_error.take().filter(|custom| custom.text == error.text);
                    return Progress::Failed(error, custom);
                }
            }
        }
    }

    // The run of a script; `None` if there is no such script.
    fn begin_part(&mut self, part: Part) -> mlua::Result<Option<Script>> {
        let (vm, scripts) = (&self.machine.vm, &self.scripts);
        let Some(chunk) = scripts.part(part) else { return Ok(None) };
        self.scope.forget_added_methods();
        let start = match scripts.world.ready(chunk) {
            Some(ready) => Start::Ready(Rc::clone(ready)),
            None => {
                let environment = match &self.environment {
                    Some(environment) => environment,
                    None => self.environment.insert(scripts.world.environment()?),
                };
                // The objects are put back before each chunk, whatever scripts made of them; `response` is added for `post`.
                let is_fresh = !std::mem::replace(&mut self.has_begun, true);
                let due = self.machine.globals.anew(self.scope.stage, part.half(), is_fresh, &scripts.world);
                for (name, value) in due {
                    vm.restore(&scripts.world, environment, name, &value)?;
                }
                Start::new(chunk, environment)
            }
        };
        self.scope.chunk.replace(Some((Rc::clone(&scripts.map), part.name())));
        Ok(Some(Script::new(vm, start, part.name(), &scripts.map, self.account)))
    }
}

fn setup_error(error: &mlua::Error) -> ScriptError {
    let text = error_text(error);
    ScriptError { message: text.clone(), text, place: None, file: None, raised_at: None, exceeded: None }
}
