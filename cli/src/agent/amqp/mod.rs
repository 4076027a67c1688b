//! The driver `async/amqp`: an agent's connections to a RabbitMQ, one after the other, as krakend-amqp makes them.

mod address;
mod consuming;
mod message;
mod session;

use std::sync::Arc;
use std::time::Instant;

use lua_modifier::config::{Amqp, Driver};
use tokio::sync::watch;
use tokio::time::sleep;

use super::ledger::Ledger;
use super::log::{Level, Log};
use super::orders::Agent;
use super::outcome::Outcome;
use super::player::Player;
use super::rate::Bucket;
use super::retries::Retries;
use session::Session;

/// An agent, and everything that it works with.
pub(super) struct Agency {
    pub(super) agent: Arc<Agent>,
    pub(super) player: Arc<Player>,
    pub(super) log: Log,
    pub(super) ledger: Arc<Ledger>,
}

/// A value that becomes true when the work has to stop.
type Stopped = watch::Receiver<bool>;

impl Agency {
    /// Consumes until the agent is told to stop, or has used up its tries.
    pub(super) async fn run(self: Arc<Self>, mut stopped: Stopped) {
        let mut retries = Retries::new(&self.agent.connection);
        let mut connections = 0u64;
        while !*stopped.borrow() {
            let Some(delay) = retries.delay() else {
                return self.log.line(Level::Error, "too many retries: this agent is given up");
            };
            if !delay.is_zero() && until(&mut stopped, sleep(delay)).await.is_none() {
                return;
            }
            let began = Instant::now();
            self.log.line(Level::Info, "Starting the consumer");
            let connecting = Session::start(self.amqp(), &self.agent.consumer);
            let ended = match until(&mut stopped, connecting).await {
                None => return,
                Some(Err(why)) => Err(format!("building the amqp subscriber: {why}")),
                Some(Ok(session)) => {
                    if connections > 0 {
                        self.ledger.reconnects.add();
                    }
                    connections = connections.saturating_add(1);
                    self.ledger.set_connected(true);
                    self.log.line(Level::Info, &format!("Consuming {}", session.place));
                    let ended = consuming::consume(&self, session, &mut stopped).await;
                    self.ledger.set_connected(false);
                    ended
                }
            };
            if let Err(why) = ended {
                self.log.line(Level::Error, &why);
            }
            self.log.line(Level::Warning, "Consumer stopped");
            retries.ended(began.elapsed());
        }
    }

    fn amqp(&self) -> &Amqp {
        let Driver::Amqp(amqp) = &self.agent.driver;
        amqp
    }

    fn bucket(&self) -> Option<Bucket> {
        self.agent.consumer.max_rate.map(|rate| Bucket::new(rate, Instant::now()))
    }
}

/// Waits for some work to finish; none if the work has to stop before that.
async fn until<T>(stopped: &mut Stopped, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = enough(stopped) => None,
    }
}

/// Waits until the work has to stop.
async fn enough(stopped: &mut Stopped) {
    // The sender is dropped only when the whole service ends.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// The text that lapin has for an error, without the system's error numbers.
fn words(error: &lapin::Error) -> String {
    let text = match error.kind() {
        lapin::ErrorKind::IOError(error) => error.to_string(),
        lapin::ErrorKind::ProtocolError(error) => error.get_message().to_string(),
        _ => error.to_string(),
    };
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
