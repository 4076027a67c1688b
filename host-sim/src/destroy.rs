//! The end of a stream. Envoy forgets the stream when the current callbacks have returned: the module logs it, is asked whether
//! it is done (the answer has no effect for HTTP), and deletes it.

use crate::host::Phase;
use crate::sim::Sim;
use crate::stream::StreamId;
use crate::trace::Event;
use crate::trap::Trap;

impl Sim {
    /// Ends the stream: nothing more will happen on it.
    pub(crate) fn finish(&mut self, id: StreamId) {
        let host = self.vm.host_mut();
        let Some(stream) = host.streams.get_mut(&id.0).filter(|stream| !stream.over) else {
            return;
        };
        stream.over = true;
        for flow in [&mut stream.request, &mut stream.response] {
            flow.closed = true;
            flow.open = false;
        }
        host.ended.push(id.0);
    }

    /// Breaks the connection of the stream.
    pub(crate) fn reset(&mut self, id: StreamId) {
        let host = self.vm.host_mut();
        if host.streams.get(&id.0).is_some_and(|stream| !stream.over) {
            host.note_for(id.0, Event::Reset);
            self.finish(id);
        }
    }

    /// Tells the module of all streams that have ended since the last call.
    pub(crate) fn bury(&mut self) -> Result<(), Trap> {
        for id in std::mem::take(&mut self.vm.host_mut().ended) {
            let streams = &self.vm.host().streams;
            let created = streams.get(&id).is_some_and(|stream| stream.created);
            if created {
                self.vm.enter(Phase::Log);
                let logged = self.enter::<_, ()>(id, "proxy_on_log", id, None);
                self.vm.enter(Phase::Serve);
                logged?;
                self.enter::<_, u32>(id, "proxy_on_done", id, None)?;
                self.enter::<_, ()>(id, "proxy_on_delete", id, None)?;
            }
            let host = self.vm.host_mut();
            host.note_for(id, Event::Closed);
            if let Some(stream) = host.streams.get_mut(&id) {
                stream.closed = true;
            }
        }
        Ok(())
    }
}
