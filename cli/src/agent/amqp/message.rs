//! One message: it waits for its turn and is played, and the queue is told the outcome.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::{Agency, Bucket, Outcome, Stopped, until, words};
use crate::agent::log::Level;

/// The options that send a message back to the queue.
pub(super) const BACK: BasicNackOptions = BasicNackOptions { multiple: false, requeue: true };
/// How long a worker keeps a message that could not be played. Without this pause the queue would send it again at once.
const PAUSE: Duration = Duration::from_secs(1);

/// An answer to the queue that could not be sent within this time counts as lost.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// A message that a worker has taken.
pub(super) struct Message {
    pub(super) delivery: Delivery,
    pub(super) agency: Arc<Agency>,
    /// Receives the reason when the queue does not take an answer.
    pub(super) trouble: mpsc::UnboundedSender<String>,
}

impl Message {
    /// Waits for the message's turn, plays it, and answers the queue. If the connection ends before its turn, it goes back.
    pub(super) async fn handle(mut self, bucket: Arc<Option<Mutex<Bucket>>>, mut is_over: Stopped) {
        let agency = Arc::clone(&self.agency);
        let (ledger, log) = (&agency.ledger, &agency.log);
        ledger.received.add();
        if until(&mut is_over, turn(&bucket)).await.is_none() {
            return self.give_back().await;
        }
        let _held = ledger.in_flight.hold();
        let (began, bytes) = (Instant::now(), self.delivery.data.len());
        let data = std::mem::take(&mut self.delivery.data);
        match agency.player.play(&agency.agent, data).await {
            Outcome::Done => {
                ledger.done.add();
                if log.shows(Level::Debug) {
                    let took = began.elapsed().as_millis();
                    log.line(Level::Debug, &format!("{}, {bytes} bytes: done in {took} ms", self.number()));
                }
                self.acknowledge().await;
            }
            Outcome::Failed(why) => {
                ledger.failed.add();
                log.line(Level::Error, &why);
                self.reject().await;
            }
            Outcome::Unplayed(why) => {
                ledger.failed.add();
                log.line(Level::Error, &why);
                let _ = until(&mut is_over, sleep(PAUSE)).await;
                self.give_back().await;
            }
        }
    }

    fn number(&self) -> String {
        let again = if self.delivery.redelivered { ", sent again" } else { "" };
        format!("message {}{again}", self.delivery.delivery_tag)
    }

    async fn acknowledge(&self) {
        if !self.agency.amqp().auto_ack {
            let told = heard(self.delivery.ack(BasicAckOptions { multiple: false })).await;
            self.is_taken("Ack", told);
        }
    }

    async fn reject(&self) {
        let amqp = self.agency.amqp();
        if amqp.auto_ack {
            return; // the queue has forgotten the message
        }
        if !amqp.nack_discard {
            return self.give_back().await;
        }
        let told = heard(self.delivery.nack(BasicNackOptions { multiple: false, requeue: false }));
        if self.is_taken("Nack", told.await) {
            self.agency.ledger.discarded.add();
            let line = format!("Nack: message discarded from queue {:?}", amqp.name);
            self.agency.log.line(Level::Debug, &line);
        }
    }

    async fn give_back(&self) {
        if self.agency.amqp().auto_ack {
            let lost = "a message is lost: auto_ack had it forgotten before it was played";
            self.agency.log.line(Level::Warning, lost);
        } else if self.is_taken("Nack", heard(self.delivery.nack(BACK)).await) {
            self.agency.ledger.requeued.add();
        }
    }

    /// Whether the queue took the answer. If it did not, it sends the message again.
    fn is_taken(&self, what: &str, told: lapin::Result<bool>) -> bool {
        let why = match told {
            Ok(true) => return true,
            Ok(false) => "the connection is lost".to_owned(),
            Err(error) => words(&error),
        };
        // If the connection has ended already, nobody receives this.
        let _ = self.trouble.send(format!("{what}: {why}"));
        false
    }
}

/// Sends an answer to the queue. The time limit is there because the client may wait for ever if the connection is lost now.
pub(super) async fn heard(told: impl Future<Output = lapin::Result<bool>>) -> lapin::Result<bool> {
    timeout(ANSWER_TIMEOUT, told).await.unwrap_or(Ok(false))
}

/// Waits until the rate allows one more message.
async fn turn(bucket: &Option<Mutex<Bucket>>) {
    let Some(bucket) = bucket else { return };
    loop {
        let taken = bucket.lock().unwrap_or_else(PoisonError::into_inner).take(Instant::now());
        let Err(wait) = taken else { return };
        sleep(wait).await;
    }
}
