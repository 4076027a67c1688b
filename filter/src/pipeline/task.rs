//! One stage of one exchange, from its live sources over `pre` to `post`, in terms of what it needs from outside.

use super::failure::Failure;
use super::ledger::{Entry, ErrorKind, NOTHING};
use super::observe::WatchedStage;
use super::program::StagePlan;
use crate::bindings::{
    Context, Progress, ProxyRequest, ProxyResponse, Scope, SideRequest, StageRun, Wait, WebResponse,
};
use crate::config::{Limits, Plugin};
use crate::http::{Body, Call, CallError, Response};
use crate::lua;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// What a stage's scripts see.
#[derive(Clone, Default)]
pub(super) struct Messages {
    pub(super) context: Option<Rc<RefCell<Context>>>,
    pub(super) request: Option<Rc<RefCell<ProxyRequest>>>,
}

/// A stage under way.
pub(super) struct StageTask {
    plan: Rc<StagePlan>,
    messages: Messages,
    limits: Limits,
    run: Option<StageRun>,
    watched: Option<Rc<WatchedStage>>,
    entry: Entry,
}

/// What a stage wants.
pub(super) enum Turn {
    /// Nothing: its scripts of this half have run.
    Done,
    /// The body of the message that it handles.
    ReadBody,
    /// The replies to these, in this order.
    Ask(Vec<Asked>),
    /// It failed.
    Failed(Failure),
}

/// One thing that a stage waits for.
pub(super) enum Asked {
    /// A script's side request.
    Side(SideRequest),
    /// A live source.
    Source(Call),
}

/// The answer to it.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Side(Result<WebResponse, String>),
    Source(Result<Response, CallError>),
}

impl StageTask {
    pub(super) fn new(plan: &Rc<StagePlan>, messages: Messages, limits: Limits) -> StageTask {
        let watched = WatchedStage::new(plan).map(Rc::new);
        StageTask { plan: Rc::clone(plan), messages, limits, run: None, watched, entry: Entry::default() }
    }

    pub(super) fn plan(&self) -> &StagePlan {
        &self.plan
    }

    /// Begins with the live sources, else with the sources and `pre`.
    pub(super) fn pre(&mut self, plugin: &Plugin, timeout: Duration) -> Turn {
        if let Some(watched) = &self.watched {
            watched.begins(&self.plan, &self.messages, None);
        }
        self.entry.under_way = true;
        let turn = self.sources(plugin, timeout);
        self.turned(turn)
    }

    fn sources(&mut self, plugin: &Plugin, timeout: Duration) -> Turn {
        match &self.plan.live {
            None => {
                let scripts = self.plan.scripts.clone();
                self.start(&scripts)
            }
            Some(live) => match live.calls(plugin, timeout) {
                Ok(calls) if calls.is_empty() => {
                    let scripts = self.plan.scripts.clone();
                    self.start(&scripts)
                }
                Ok(calls) => Turn::Ask(calls.into_iter().map(Asked::Source).collect()),
                Err(failure) => Turn::Failed(failure),
            },
        }
    }

    /// Goes on when the answers to all that was asked have come.
    pub(super) fn answer(&mut self, answers: Vec<Answer>) -> Turn {
        let (mut sides, mut sources) = (Vec::new(), Vec::new());
        for answer in answers {
            match answer {
                Answer::Side(reply) => sides.push(reply),
                Answer::Source(reply) => sources.push(reply),
            }
        }
        if let Some(watched) = &self.watched {
            watched.resumes();
        }
        let turn = match (&mut self.run, &self.plan.live) {
            (Some(run), _) => turn(run.answer(sides)),
            (None, Some(live)) => {
                match live.scripts(sources, &self.plan.machine, &self.plan.scripts, self.limits.body_bytes) {
                    Ok(scripts) => self.start(&scripts),
                    Err(failure) => Turn::Failed(failure),
                }
            }
            (None, None) => Turn::Done,
        };
        self.turned(turn)
    }

    /// Goes on with the body that was asked for.
    pub(super) fn body(&mut self, bytes: Vec<u8>) -> Turn {
        let Some(run) = &mut self.run else { return Turn::Done };
        let response = run.scope().response.borrow().clone();
        let unread = |body: &mut Body| {
            if *body == Body::Unread {
                *body = Body::Bytes(bytes.clone());
            }
        };
        if let Some(response) = response {
            unread(&mut response.borrow_mut().payload.body);
        }
        if let Some(context) = &run.scope().context {
            unread(&mut context.borrow_mut().payload.body);
        }
        if let Some(request) = &run.scope().request {
            unread(&mut request.borrow_mut().payload.body);
        }
        if let Some(watched) = &self.watched {
            watched.resumes();
        }
        let turn = turn(run.resume());
        self.turned(turn)
    }

    /// Begins `post`, which sees the response.
    pub(super) fn post(&mut self, response: &Rc<RefCell<ProxyResponse>>) -> Turn {
        let Some(run) = &mut self.run else { return Turn::Done };
        run.scope().response.replace(Some(Rc::clone(response)));
        if let Some(watched) = &self.watched {
            watched.begins(&self.plan, &self.messages, Some(response));
        }
        self.entry.under_way = true;
        let turn = turn(run.post());
        self.turned(turn)
    }

    fn turned(&mut self, turn: Turn) -> Turn {
        match &turn {
            Turn::Done => self.over(None),
            Turn::Failed(failure) => self.over(Some(failure)),
            Turn::Ask(asked) => {
                let sides = asked.iter().filter(|asked| matches!(asked, Asked::Side(_))).count();
                self.entry.calls = self.entry.calls.saturating_add(sides as u64);
            }
            Turn::ReadBody => {}
        }
        if let Some(watched) = &self.watched {
            let response = self.run.as_ref().and_then(|run| run.scope().response.borrow().clone());
            let scripts = self.run.as_ref().map(StageRun::scripts);
            watched.turned(&turn, &self.plan, &self.messages, response.as_ref(), scripts);
        }
        turn
    }

    /// A half is over: by itself, or because it will not be gone on with. What it took is written down once.
    pub(super) fn over(&mut self, failure: Option<&Failure>) {
        let entry = std::mem::take(&mut self.entry);
        if !entry.under_way {
            return;
        }
        let by_call = self.run.as_ref().is_some_and(StageRun::failed_by_call);
        let error = failure.map(|failure| if by_call { ErrorKind::Call } else { ErrorKind::of(failure) });
        let spent = self.run.as_mut().and_then(StageRun::take_spent).or_else(|| error.map(|_| NOTHING));
        if let Some(spent) = spent {
            self.plan.ledger.note(self.plan.number, spent, entry.calls, error);
        }
    }

    fn start(&mut self, scripts: &crate::bindings::Scripts) -> Turn {
        let limits = &self.limits;
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let mut scope =
            Scope::new(self.plan.stage, self.plan.prefix.clone(), small(limits.calls), size(limits.body_bytes));
        scope.context.clone_from(&self.messages.context);
        scope.request.clone_from(&self.messages.request);
        scope.print_left.set(Some(size(limits.print_bytes)));
        scope.on_print = self.watched.as_ref().map(WatchedStage::printer);
        let budget = lua::RunLimits {
            instructions: limits.instructions,
            memory_bytes: size(limits.memory_bytes),
            time: Duration::from_millis(limits.time_ms),
        };
        let run = self.run.insert(StageRun::new(&self.plan.machine, scripts, scope, budget));
        turn(run.pre())
    }
}

impl Drop for StageTask {
    // The client left, or another leg answered.
    fn drop(&mut self) {
        self.over(None);
    }
}

fn turn(progress: Progress) -> Turn {
    match progress {
        Progress::Done => Turn::Done,
        Progress::Waits(Wait::Body) => Turn::ReadBody,
        Progress::Waits(Wait::Calls(requests)) => Turn::Ask(requests.into_iter().map(Asked::Side).collect()),
        Progress::Failed(fault, custom) => Turn::Failed(Failure::of_script(fault, custom)),
    }
}
