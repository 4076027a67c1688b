//! One stage of one exchange, from its live sources through `pre` to `post`, described by what it needs from outside. Knows
//! nothing of other stages, nor of how its questions are answered.

mod question;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::basis::Basis;
use super::failure::Failure;
use super::messages::Messages;
use super::program::StagePlan;
use super::watch::{Entry, ErrorKind, NOTHING, WaitKind, WatchedStage};
use crate::bindings::{Progress, ProxyResponse, Scope, Scripts, StageRun, Wait};
use crate::config::Limits;
use crate::data::Cycles;
use crate::http::Body;
use crate::lua;

pub(crate) use question::{Answer, Question};

/// A stage under way.
pub(crate) struct StageTask {
    plan: Rc<StagePlan>,
    messages: Messages,
    limits: Limits,
    cycles: Rc<RefCell<Cycles>>,
    run: Option<StageRun>,
    watched: Option<Rc<WatchedStage>>,
    entry: Entry,
}

/// An event of a stage.
pub(crate) enum StageEvent {
    /// The scripts of this half have run.
    Ended,
    /// The stage needs the body of the message that it handles.
    NeedsBody,
    /// The stage needs the answers to these questions, in this order.
    Asks(Vec<Question>),
    /// The stage failed.
    Failed(Failure),
}

impl StageTask {
    /// A stage whose scripts have not begun.
    #[inline] // large: made where it stays
    pub(crate) fn new(plan: &Rc<StagePlan>, messages: Messages, basis: &Basis) -> Self {
        let watched = plan.watcher.as_ref().map(WatchedStage::new).map(Rc::new);
        let (limits, cycles) = (basis.limits(), basis.cycles());
        Self { plan: Rc::clone(plan), messages, limits, cycles, run: None, watched, entry: Entry::default() }
    }

    /// Does the stage's block stop the request from going further in?
    pub(crate) fn skips_next(&self) -> bool {
        self.plan.skip_next
    }

    /// Begins with the calls for live sources; without any, with the sources and `pre`.
    pub(crate) fn begin_pre(&mut self, basis: &Basis) -> StageEvent {
        self.begins(None);
        let questions = match &self.plan.live {
            None => Ok(Vec::new()),
            Some(live) => live.calls(basis.plugin(), basis.time_left()),
        };
        let event = match questions {
            Ok(calls) if calls.is_empty() => {
                let scripts = Rc::clone(&self.plan.scripts);
                self.run_pre(&scripts)
            }
            Ok(calls) => StageEvent::Asks(calls.into_iter().map(Question::Source).collect()),
            Err(failure) => StageEvent::Failed(failure),
        };
        self.noted(event)
    }

    /// Begins `post`, which sees the response.
    pub(crate) fn begin_post(&mut self, response: &Rc<RefCell<ProxyResponse>>) -> StageEvent {
        let Some(run) = &mut self.run else { return StageEvent::Ended };
        run.scope().response.replace(Some(Rc::clone(response)));
        self.begins(Some(response));
        let Some(run) = &mut self.run else { return StageEvent::Ended };
        let event = event_of(run.post());
        self.noted(event)
    }

    /// Takes the answers to all questions of the stage.
    pub(crate) fn answer(&mut self, answers: Vec<Answer>) -> StageEvent {
        let (mut sides, mut sources) = (Vec::new(), Vec::new());
        for answer in answers {
            match answer {
                Answer::Side(reply) => sides.push(reply),
                Answer::Source(reply) => sources.push(reply),
            }
        }
        self.resumes();
        let event = match (&mut self.run, &self.plan.live) {
            (Some(run), _) => event_of(run.answer(sides)),
            (None, Some(live)) => {
                match live.scripts(sources, &self.plan.machine, &self.plan.scripts, self.limits.body_bytes) {
                    Ok(scripts) => self.run_pre(&Rc::new(scripts)),
                    Err(failure) => StageEvent::Failed(failure),
                }
            }
            (None, None) => StageEvent::Failed(Failure::broken("answers for a stage that asked nothing")),
        };
        self.noted(event)
    }

    /// Takes the body that the stage asked for.
    pub(crate) fn take_body(&mut self, bytes: Vec<u8>) -> StageEvent {
        self.resumes();
        let Some(run) = &mut self.run else {
            return StageEvent::Failed(Failure::broken("a body for a stage that has not begun"));
        };
        let response = run.scope().response.borrow().clone();
        let fill = |body: &mut Body| {
            if *body == Body::Unread {
                *body = Body::Bytes(bytes.clone());
            }
        };
        if let Some(response) = response {
            fill(&mut response.borrow_mut().payload.body);
        }
        if let Some(context) = &run.scope().context {
            fill(&mut context.borrow_mut().payload.body);
        }
        if let Some(request) = &run.scope().request {
            fill(&mut request.borrow_mut().payload.body);
        }
        let event = event_of(run.resume());
        self.noted(event)
    }

    /// Ends a half that does not continue, and notes its costs.
    pub(crate) fn give_up(&mut self, failure: &Failure) {
        self.write_down(Some(failure));
    }

    fn begins(&mut self, response: Option<&Rc<RefCell<ProxyResponse>>>) {
        if let Some(watched) = &self.watched {
            watched.begins(&self.plan.facts(), &self.messages, response);
        }
        self.entry.under_way = true;
    }

    fn resumes(&self) {
        if let Some(watched) = &self.watched {
            watched.resumes();
        }
    }

    fn run_pre(&mut self, scripts: &Rc<Scripts>) -> StageEvent {
        let limits = &self.limits;
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let (plan, cycles) = (&self.plan, Rc::clone(&self.cycles));
        let (calls, body_bytes) = (small(limits.calls), size(limits.body_bytes));
        let mut scope = Scope::new(plan.stage, Rc::clone(&plan.prefix), calls, body_bytes, cycles);
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
        event_of(run.pre())
    }

    // Tells the ledger and the observer of every event of the stage.
    fn noted(&mut self, event: StageEvent) -> StageEvent {
        let ended = match &event {
            StageEvent::NeedsBody => Err(WaitKind::Body),
            StageEvent::Asks(questions) => {
                let sides = questions.iter().filter(|question| matches!(question, Question::Side(_))).count();
                self.entry.calls = self.entry.calls.saturating_add(sides as u64);
                let is_source = matches!(questions.first(), Some(Question::Source(_)));
                Err(if is_source { WaitKind::Sources } else { WaitKind::Calls })
            }
            StageEvent::Ended => Ok(None),
            StageEvent::Failed(failure) => Ok(Some(failure)),
        };
        if let Ok(failure) = ended {
            self.write_down(failure);
        }
        if let Some(watched) = &self.watched {
            match ended {
                Err(waits) => watched.waits(waits),
                Ok(failure) => {
                    let response = self.run.as_ref().and_then(|run| run.scope().response.borrow().clone());
                    let scripts = self.run.as_ref().map(StageRun::scripts);
                    let (sources, vm) = (&self.plan.sources, self.plan.machine.vm());
                    watched.ends(failure, sources, vm, &self.messages, response.as_ref(), scripts);
                }
            }
        }
        event
    }

    // Notes the costs of a half once, however it ended.
    fn write_down(&mut self, failure: Option<&Failure>) {
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
}

impl Drop for StageTask {
    // The client has left, or another backend's failure was answered.
    fn drop(&mut self) {
        self.write_down(None);
    }
}

fn event_of(progress: Progress) -> StageEvent {
    match progress {
        Progress::Done => StageEvent::Ended,
        Progress::Waits(Wait::Body) => StageEvent::NeedsBody,
        Progress::Waits(Wait::Calls(requests)) => StageEvent::Asks(requests.into_iter().map(Question::Side).collect()),
        Progress::Failed(error, custom) => StageEvent::Failed(Failure::of_script(*error, custom)),
    }
}
