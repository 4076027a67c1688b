//! The world of host-sim: the module under wasmtime, with the backdrop behind it, in simulated time. What Envoy would punish
//! without a word is an error here. Knows of the module only where it is.

use host_sim::{Answer, Call, Event, Headers, LogLevel, Module, Request, Settings, Sim, StartError, Trace, Upstreams};

use super::backdrop::{Backdrop, Behind, read_by_client};
use super::verification::Verification;
use super::{World, one_by_one};
use crate::built::module_from_env;
use crate::cases::{Case, ClientRequest, LogLine, Outcome, Response};
use crate::upstreams::Asked;
use crate::wire::arrival::Arrival;
use crate::wire::client;

/// The module in host-sim.
pub struct InHostSim {
    module: Module,
}

impl InHostSim {
    /// With the module that `LUA_MODIFIER_WASM` names.
    pub fn from_env() -> Result<Self, String> {
        let module = Module::load(module_from_env()?).map_err(|e| e.to_string())?;
        Ok(Self { module })
    }

    fn play_one(&self, case: &Case) -> Outcome {
        let mut behind = Backdrop::new(case);
        let configuration = behind.configuration();
        let verification = Verification::new(case, &behind.at, &configuration);
        if let Some(reason) = verification.refusal() {
            return Outcome::Refused(reason);
        }
        let mut settings = Settings::new(configuration).allow_on_headers_stop_iteration(true);
        settings.clusters.extend([&behind.clusters.upstream, &behind.clusters.closed].map(String::clone));
        settings.clusters.extend(behind.at.files.is_some().then(|| behind.clusters.files.clone()));
        settings.properties.insert("source.address".into(), b"127.0.0.1:50000".to_vec());
        let variables = case.env.iter().map(|(name, value)| (name.clone(), behind.at.fill(value)));
        settings.environment.extend(variables);
        let mut sim = match Sim::start(&self.module, settings) {
            Ok(sim) => sim,
            Err(StartError::Refused(_, trace)) => {
                let reason = said(&trace).pop().map(|line| line.text).unwrap_or_default();
                return Outcome::Refused(behind.at.restore(&reason));
            }
            Err(StartError::Trapped(trap, _)) => return Outcome::Crashed(trap.to_string()),
        };
        let mut log = said(&sim.take_trace());
        let mut responses = Vec::new();
        for request in &case.requests {
            behind.write_files(&request.write_files);
            let mut arrives = arriving(request);
            if let Some(metadata) = verification.metadata(request) {
                arrives = arrives.property("metadata", metadata);
            }
            let trace = sim.exchange(&arrives, &mut behind);
            if let Some(offence) = offence(&trace) {
                return Outcome::Crashed(offence);
            }
            log.extend(said(&trace));
            responses.push(read(request, &trace));
        }
        let mut seen = behind.observation(responses);
        seen.log = log;
        seen.log.iter_mut().for_each(|line| line.text = behind.at.restore(&line.text));
        Outcome::Played(seen)
    }
}

impl World for InHostSim {
    fn name(&self) -> &'static str {
        "in host-sim"
    }

    fn suits(&self, case: &Case) -> bool {
        !case.has_a_front()
    }

    fn play(&self, cases: &[Case]) -> Vec<Outcome> {
        one_by_one(cases, 2, |_, case| self.play_one(case))
    }
}

fn arriving(request: &ClientRequest) -> Request {
    let Arrival { authority, path, headers } = Arrival::of(request);
    let mut arriving = Request::new(&request.method, &path).header("Host", authority);
    for (name, value) in headers {
        arriving = arriving.header(&name, value);
    }
    arriving.chunks = Some(client::body(request)).filter(|body| !body.is_empty()).into_iter().collect();
    arriving
}

/// What must not happen whatever the case: the module died, waits for nothing, or did what Envoy does not forgive.
fn offence(trace: &Trace) -> Option<String> {
    let told = |event: &Event| match event {
        Event::Trapped(trap) => Some(trap.to_string()),
        Event::Stuck => Some("the module waits for nothing".to_owned()),
        Event::Misuse(what) => Some(format!("misuse: {what}")),
        Event::Unimplemented(what) => Some(format!("unimplemented: {what}")),
        _ => None,
    };
    trace.events().find_map(told)
}

fn read(request: &ClientRequest, trace: &Trace) -> Result<Response, String> {
    let response = trace.answer().ok_or("empty reply")?;
    Ok(read_by_client(&request.method, response.status(), &pairs(&response.headers), response.bytes()))
}

/// Headers without pseudo-headers. Bytes are characters, as the harness reads headers from a socket.
fn pairs(headers: &Headers) -> Vec<(String, String)> {
    let named = headers.raw().filter(|(name, _)| !name.starts_with(':'));
    named.map(|(name, value)| (name.to_owned(), value.iter().copied().map(char::from).collect())).collect()
}

fn said(trace: &Trace) -> Vec<LogLine> {
    let level = |level| match level {
        LogLevel::Warn => "warning".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    trace.logs().into_iter().map(|(l, text)| LogLine { level: level(l), text: text.to_owned() }).collect()
}

impl Upstreams for Backdrop<'_> {
    fn route(&mut self, request: &Request) -> Answer {
        // the header by which the route of our envoy.yaml chooses the cluster, and which it removes
        let cluster = request.headers.get("x-lua-modifier-cluster").unwrap_or_default().into_owned();
        let mut headers = request.headers.clone();
        headers.remove("x-lua-modifier-cluster");
        self.arrive(&cluster, &headers, request.bytes())
    }

    fn call(&mut self, call: &Call) -> Answer {
        self.arrive(&call.cluster, &call.headers, call.body.clone())
    }
}

impl Backdrop<'_> {
    fn arrive(&mut self, cluster: &str, headers: &Headers, body: Vec<u8>) -> Answer {
        let pseudo = |name: &str| headers.get(name).unwrap_or_default().into_owned();
        let asked = Asked { method: pseudo(":method"), path: pseudo(":path"), headers: pairs(headers), body };
        match self.ask(cluster, &pseudo(":authority"), asked) {
            Behind::Answer(answer) if answer.close => Answer { after: answer.delay, ..Answer::none() },
            Behind::Answer(answer) => {
                let mut response = host_sim::Response::new(answer.status);
                for (name, value) in &answer.headers {
                    response = response.header(name, value);
                }
                response.chunks = Some(answer.body).filter(|body| !body.is_empty()).into_iter().collect();
                Answer::after(answer.delay, response)
            }
            Behind::Refused => host_sim::Response::local(
                503,
                "upstream_reset_before_response_started{remote_connection_failure}",
                "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure",
            )
            .into(),
            Behind::NoCluster => host_sim::Response::local(404, "cluster_not_found", "").into(),
        }
    }
}
