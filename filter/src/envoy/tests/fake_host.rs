//! The hostcalls of the fake Envoy: each is counted and may be refused; acts are noted, and may call back.

use std::rc::Rc;
use std::time::Duration;

use super::super::{Caller, Direction, HeaderPairs, Host, Refusal, SharedData, StreamAccess, Unshared};
use super::fake_envoy::{Act, CallsBack, FakeEnvoy};
use super::fake_message::Pairs;

impl FakeEnvoy {
    pub(super) fn hostcall(&self, name: &'static str) -> Result<(), Refusal> {
        assert!(!self.is_gone(), "{name} after the end of the stream");
        let number = self.hostcalls.borrow().len();
        self.hostcalls.borrow_mut().push(name);
        if self.refuses == Some(number) { Err(Refusal::BadArgument) } else { Ok(()) }
    }

    fn sharing(&self) -> Result<(), Unshared> {
        self.hostcall("shared data").map_err(|refusal| Unshared::Refused(refusal.to_string()))
    }

    fn edit(&self, direction: Direction, edit: impl FnOnce(&mut Pairs)) {
        edit(&mut self.message(direction).headers.borrow_mut());
    }
}

impl StreamAccess for Rc<FakeEnvoy> {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn headers(&self, direction: Direction) -> Result<HeaderPairs, Refusal> {
        self.hostcall("headers")?;
        let pairs = self.message(direction).headers.borrow().clone();
        Ok(pairs.into_iter().collect())
    }

    fn set_header(&self, direction: Direction, name: &str, value: &[u8]) -> Result<(), Refusal> {
        self.hostcall("set a header")?;
        self.edit(direction, |headers| {
            headers.retain(|(known, _)| known != name);
            headers.push((name.to_owned(), value.to_vec()));
        });
        Ok(())
    }

    fn add_header(&self, direction: Direction, name: &str, value: &[u8]) -> Result<(), Refusal> {
        self.hostcall("add a header")?;
        self.edit(direction, |headers| headers.push((name.to_owned(), value.to_vec())));
        Ok(())
    }

    fn remove_header(&self, direction: Direction, name: &str) -> Result<(), Refusal> {
        self.hostcall("remove a header")?;
        self.edit(direction, |headers| headers.retain(|(known, _)| known != name));
        Ok(())
    }

    fn body(&self, direction: Direction) -> Result<Vec<u8>, Refusal> {
        self.hostcall("read a body")?;
        Ok(self.message(direction).shown().clone())
    }

    fn replace_body(&self, direction: Direction, bytes: &[u8]) -> Result<(), Refusal> {
        self.hostcall("replace a body")?;
        *self.message(direction).shown() = bytes.to_vec();
        Ok(())
    }

    fn attribute(&self, path: &[&str]) -> Result<Vec<u8>, Refusal> {
        self.hostcall("attribute")?;
        self.attributes.get(&path.join(".")).map(|value| value.clone().into_bytes()).ok_or(Refusal::NotFound)
    }
}

impl SharedData for Rc<FakeEnvoy> {
    fn shared_now(&self) -> Result<u64, Unshared> {
        self.sharing()?;
        Ok(u64::try_from(self.now.get().as_nanos()).unwrap())
    }

    fn shared(&self, name: &[u8]) -> Result<Option<(Vec<u8>, u32)>, Unshared> {
        self.sharing()?;
        Ok(self.shared.get(name))
    }

    fn share(&self, name: &[u8], value: &[u8], mark: u32) -> Result<(), Unshared> {
        self.sharing()?;
        self.shared.set(name, value, mark)
    }
}

impl Host for Rc<FakeEnvoy> {
    fn answer(&self, status: u16, details: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Result<(), Refusal> {
        self.hostcall("answer")?;
        assert!(!self.answered.replace(true), "a second answer");
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
        let details = details.to_owned();
        self.acts.borrow_mut().push(Act::Answered { status, details, headers, body: body.to_vec() });
        if self.calls_back != CallsBack::Later {
            // As in Envoy's Wasm filters, an answer to a request passes by as a response; then the stream ends.
            if !self.response.came.get() {
                self.stream().unwrap().response_headers(body.is_empty());
            }
            self.end();
        }
        Ok(())
    }

    fn resume(&self, direction: Direction) -> Result<(), Refusal> {
        self.hostcall("resume")?;
        self.acts.borrow_mut().push(Act::Resumed(direction));
        self.message(direction).note(true);
        if self.calls_back != CallsBack::Later {
            self.bring_body(direction);
            match direction {
                Direction::Request => self.bring_response(),
                Direction::Response => self.end(),
            }
        }
        Ok(())
    }
}

impl Caller for Rc<FakeEnvoy> {
    fn dispatch(
        &self,
        cluster: &str,
        headers: &[(&str, &[u8])],
        body: &[u8],
        timeout: Duration,
    ) -> Result<u32, Refusal> {
        self.hostcall("dispatch")?;
        let headers: Pairs = headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
        let path = headers.iter().find(|(name, _)| name == ":path").unwrap().1.clone();
        let path = String::from_utf8(path).unwrap();
        self.acts.borrow_mut().push(Act::Called { cluster: cluster.to_owned(), headers, body: body.to_vec(), timeout });
        self.last_token.set(self.last_token.get() + 1);
        let token = self.last_token.get();
        match self.calls_back {
            CallsBack::Later | CallsBack::WhenActedOn => self.pending.borrow_mut().push_back((token, path)),
            CallsBack::AtOnce => self.bring_reply(&self.stream().unwrap(), token, &path),
            CallsBack::WithTheEnd => self.end(),
        }
        Ok(token)
    }
}
