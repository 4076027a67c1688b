//! The messages of one connection: taken one after the other, and played by as many workers as the agent has, until the agent
//! has to stop or the connection is lost. Messages that are being played then end first, so that none is played twice at once.

use std::sync::{Arc, Mutex};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::message::{BACK, Message, heard};
use super::session::Session;
use super::{Agency, Stopped, enough};
use crate::agent::log::Level;

/// Consumes until the agent is told to stop; an error says why the connection cannot be used any more.
pub(super) async fn consume(agency: &Arc<Agency>, mut session: Session, stopped: &mut Stopped) -> Result<(), String> {
    let workers = agency.agent.consumer.workers;
    let bucket = Arc::new(agency.bucket().map(Mutex::new));
    let mut ping = tokio::time::interval(agency.agent.connection.health_interval);
    let mut under_way = JoinSet::new();
    // Tells messages that still wait for their turn that the connection has ended.
    let (over, is_over) = watch::channel(false);
    // The first answer that the queue does not take ends the connection.
    let (trouble, mut troubles) = mpsc::unbounded_channel();
    let ended = loop {
        tokio::select! {
            biased;
            () = enough(stopped) => break Ok(()),
            Some(why) = troubles.recv() => break Err(why),
            _ = ping.tick() => match session.is_alive() {
                true => agency.ledger.ping(),
                false => break Err("the connection is lost".to_owned()),
            },
            Some(_) = under_way.join_next() => {} // a worker is free
            delivery = session.next(), if under_way.len() < workers => match delivery {
                Ok(delivery) => {
                    let message = Message { delivery, agency: Arc::clone(agency), trouble: trouble.clone() };
                    under_way.spawn(message.handle(Arc::clone(&bucket), is_over.clone()));
                }
                Err(why) => break Err(why),
            },
        }
    };
    let _ = over.send(true);
    if ended.is_ok() && session.cancel().await {
        give_back(agency, &mut session).await;
    }
    while under_way.join_next().await.is_some() {}
    session.close().await;
    ended
}

/// Returns the messages that have come and were not begun. With `auto_ack` the queue has forgotten them.
async fn give_back(agency: &Arc<Agency>, session: &mut Session) {
    let mut forgotten = 0usize;
    while let Ok(delivery) = session.next().await {
        if agency.amqp().auto_ack {
            forgotten = forgotten.saturating_add(1);
        } else if heard(delivery.nack(BACK)).await.is_ok_and(|taken| taken) {
            agency.ledger.requeued.add();
        }
    }
    if forgotten > 0 {
        let lost = format!("{forgotten} messages are lost: auto_ack had them forgotten before they were played");
        agency.log.line(Level::Warning, &lost);
    }
}
