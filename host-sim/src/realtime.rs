//! Functions for a driver that plays real traffic: time that runs by itself, pieces of bodies as they come and go, streams that
//! break off, and the removal of ended streams. The command's `serve` is such a driver.

use std::time::Duration;

use crate::sim::Sim;
use crate::stream::{Left, Side, StreamId};
use crate::trap::Trap;

impl Sim {
    /// Plays the tick if it is due; for [`crate::Settings::real_time`].
    pub fn catch_up(&mut self) -> Result<(), Trap> {
        let host = self.vm.host_mut();
        host.read_clock();
        let now = host.elapsed;
        match &mut host.tick {
            Some(tick) if tick.next <= now => tick.next = now.saturating_add(tick.period),
            _ => return Ok(()),
        }
        self.tick()
    }

    /// The time until the next tick is due, measured from the last look at the clock.
    pub fn until_tick(&self) -> Option<Duration> {
        let host = self.vm.host();
        host.tick.map(|tick| tick.next.saturating_sub(host.elapsed))
    }

    /// Takes the data that has left a side of a stream since the last call. It is then missing from [`Sim::stream`] and from
    /// the trace's `Forwarded` and `Delivered`.
    pub fn take_left(&mut self, id: StreamId, side: Side) -> Left {
        let stream = self.vm.host_mut().streams.get_mut(&id.0);
        stream.map(|stream| stream.take_left(side)).unwrap_or_default()
    }

    /// Breaks the upstream's response off after its headers: as in Envoy, the stream is reset.
    pub fn response_broken(&mut self, id: StreamId) -> Result<(), Trap> {
        self.reset(id);
        self.bury()
    }

    /// Forgets a stream that has ended.
    pub fn forget(&mut self, id: StreamId) {
        let streams = &mut self.vm.host_mut().streams;
        if streams.get(&id.0).is_some_and(|stream| stream.over) {
            streams.remove(&id.0);
        }
    }
}
