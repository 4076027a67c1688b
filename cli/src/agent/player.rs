//! The player of messages: an Envoy, over HTTP, or the module in this program. Both get the same request, and both give the
//! module's answer. Knows no queue.

use std::sync::Arc;
use std::time::Duration;

use host_sim::{Headers, Module};
use lua_modifier::pipeline::AGENT_HEADER;
use tokio::time::timeout;

use super::Args;
use super::orders::{Agent, Orders};
use super::outcome::{self, Outcome};
use super::pool::Pool;
use crate::Trouble;
use crate::embedded::backends::{Backends, whole};
use crate::embedded::headers::of_response;
use crate::embedded::hosts::Origin;

/// The extra time after the agent's timeout. The module itself ends a message that takes too long; this is in case it does not.
const MARGIN: Duration = Duration::from_secs(1);
/// The size limit for replies of calls. No call is made here: answers are read as they come, and none is held.
const NOTHING_HELD: usize = 0;

/// An Envoy or VMs that play messages.
pub(super) enum Player {
    /// The VMs of this program.
    Here(Pool),
    /// The address of an Envoy's listener for agents, and the client for it.
    Envoy(Origin, Backends),
}

impl Player {
    /// An Envoy, which need not run yet.
    pub(super) fn envoy(origin: Origin) -> Self {
        Self::Envoy(origin, Backends::new(NOTHING_HELD, false))
    }

    /// The VMs of this program: as many as can compute at the same time, but no more than there are workers.
    pub(super) async fn here(orders: &Orders, module: Module, args: &Args) -> Result<Self, Trouble> {
        let workers = orders.agents.iter().fold(0usize, |sum, agent| sum.saturating_add(agent.consumer.workers));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let setting = Arc::new(orders.setting(args));
        let pool = Pool::start(module, setting, workers.min(cores)).await;
        pool.map(Self::Here).map_err(|error| orders.refusal(&error))
    }

    /// The place where messages are played, in words for the terminal.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Here(pool) if pool.size() == 1 => "played here, by one VM".to_owned(),
            Self::Here(pool) => format!("played here, by {} VMs", pool.size()),
            Self::Envoy(origin, _) => format!("handed to {}://{}", origin.scheme, origin.authority()),
        }
    }

    /// Plays a message, and waits for the outcome.
    pub(super) async fn play(&self, agent: &Agent, message: Vec<u8>) -> Outcome {
        let limit = agent.consumer.timeout.saturating_add(MARGIN);
        let late = || Outcome::Failed(format!("there was no answer within {} ms", limit.as_millis()));
        timeout(limit, self.answered(agent, message)).await.unwrap_or_else(|_| late())
    }

    async fn answered(&self, agent: &Agent, message: Vec<u8>) -> Outcome {
        match self {
            Self::Here(pool) => {
                let answer = pool.ask(request(agent, "localhost", &message), message).await;
                match answer {
                    Ok((answer, _end)) => outcome::of(&answer.headers, answer.body).await,
                    Err(why) => Outcome::Failed(why),
                }
            }
            Self::Envoy(origin, backends) => {
                let headers = request(agent, &origin.authority(), &message);
                match backends.ask(Some(origin.clone()), &headers, whole(message)).await {
                    Ok(response) => {
                        let (parts, body) = response.into_parts();
                        outcome::of(&of_response(&parts), body).await
                    }
                    Err(failure) => {
                        let why = format!("{} does not answer: {}", origin.authority(), failure.why());
                        if failure.is_of_connecting() { Outcome::Unplayed(why) } else { Outcome::Failed(why) }
                    }
                }
            }
        }
    }
}

/// The headers of the request by which the module gets a message.
fn request(agent: &Agent, authority: &str, message: &[u8]) -> Headers {
    let mut headers = Headers::new();
    headers.add(":authority", authority);
    headers.add(":path", agent.path.as_str());
    headers.add(":method", "POST");
    headers.add(":scheme", "http");
    headers.add(AGENT_HEADER, "message");
    headers.add("content-length", message.len().to_string());
    headers
}
