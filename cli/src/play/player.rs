//! Plays a document: starts the module with it, and sends one request or message through. If that is not possible, the error
//! has the module's own words.

use host_sim::{Event, LogLevel, Module, Settings, Shared, Sim, StartError, Trace};
use lua_modifier::config::OwnAddress;

use super::arrival::{Arrival, acknowledges};
use super::backends::Backends;
use super::conditions::Conditions;
use super::observed::FUNCTION;
use super::rules::Rule;
use super::story::{Happening, LogLine, Story};
use super::teller::Teller;
use crate::Trouble;
use crate::document::{Document, agents_configuration, take_live};
use crate::environment::Variables;
use crate::verification::Trial;

/// The kinds of events that the module is asked to report.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watching {
    Events,
    /// The executed lines too: scripts run several times slower then.
    Lines,
}

/// A document that can be played any number of times: each request gets a module that has just been started.
pub(crate) struct Player<'a> {
    module: &'a Module,
    document: &'a Document,
    settings: Settings,
    /// The settings of a module that serves only the document's agents; none if it has no agents.
    of_agents: Option<Settings>,
}

impl<'a> Player<'a> {
    pub(crate) fn new(
        module: &'a Module,
        document: &'a Document,
        variables: Variables,
        watching: Watching,
    ) -> Result<Self, Trouble> {
        if let Some((name, why)) = document.lua.missing.iter().next() {
            return Err(Trouble::new(format!(
                "{}: the source {} (sources are looked for from the working directory, as by KrakenD)",
                document.path.display(),
                why.trouble(name)
            )));
        }
        let lines: &[u8] = if watching == Watching::Lines { b"lines" } else { b"" };
        // Requests count as let through by the filters that Envoy has in front of the module.
        let (mut configuration, front) = document.configuration_behind_front();
        front.map_err(|error| {
            Trouble::new(format!("{}: {}", document.path.display(), document.placed(&error.to_string())))
        })?;
        take_live(&mut configuration);
        let mut settings = Settings::new(configuration.to_string())
            .allow_on_headers_stop_iteration(true)
            .foreign_function(FUNCTION, lines);
        settings.environment = variables;
        settings.every_cluster = true;
        settings.properties.insert("source.address".into(), b"127.0.0.1:50000".to_vec());
        // Only the filter's own limits stop large bodies: there is no Envoy with a limit here.
        settings.buffer_limit = 64 << 20;
        let of_agents = agents_configuration(&configuration);
        let of_agents = of_agents.map(|of| Settings { configuration: of.to_string().into_bytes(), ..settings.clone() });
        Ok(Player { module, document, settings, of_agents })
    }

    /// Checks that the module accepts the document.
    pub(crate) fn check(&self) -> Result<(), Trouble> {
        let mut all = [&self.settings].into_iter().chain(&self.of_agents);
        all.try_for_each(|settings| self.start(settings, Conditions::default()).map(drop))
    }

    fn start(&self, settings: &Settings, conditions: Conditions) -> Result<Sim, Trouble> {
        // Each exchange gets shared data of its own, so that it sees nothing of an earlier exchange.
        let shared = Shared::default();
        let settings = Settings { shared, now: conditions.now(), seed: conditions.seed(), ..settings.clone() };
        Sim::start(self.module, settings).map_err(|error| self.refused(&error))
    }

    /// Plays one request or message to its end. Without rules every backend answers 200 `{}`.
    pub(crate) fn play(
        &self,
        arrival: &Arrival,
        rules: Option<&[Rule]>,
        conditions: Conditions,
    ) -> Result<Story, Trouble> {
        let (settings, Trial { request, notes }) = match arrival {
            Arrival::Request(request, token) => {
                (&self.settings, Trial::new(request.clone(), token.as_ref(), self.document)?)
            }
            Arrival::Message(request) => {
                let settings = self.of_agents.as_ref().unwrap_or(&self.settings);
                (settings, Trial { request: request.clone(), notes: Vec::new() })
            }
        };
        let mut sim = self.start(settings, conditions)?;
        let start = sim.take_trace();
        let mut backends = Backends::new(rules, OwnAddress::of(&self.document.json));
        let trace = sim.exchange(&request, &mut backends);
        if let Some(why) = spoiled(&trace) {
            return Err(Trouble::new(format!("{}: {why}", self.document.path.display())));
        }
        let mut story = Teller::new(self.document, &request, backends.into_asked(), &trace).tell(&start);
        let notes = notes.into_iter().map(|text| Happening::Log(LogLine { level: "info".to_owned(), text }));
        story.events.splice(0..0, notes);
        if matches!(arrival, Arrival::Message(_)) {
            let headers = story.response.as_ref().map(|response| response.headers.as_slice());
            story.acknowledged = Some(headers.is_some_and(acknowledges));
        }
        Ok(story)
    }

    fn refused(&self, error: &StartError) -> Trouble {
        let words = match error {
            StartError::Refused(_, trace) => {
                let errors = trace.logs().into_iter().filter(|(level, _)| *level >= LogLevel::Error);
                let said = errors.map(|(_, text)| text.strip_prefix("configuration: ").unwrap_or(text)).next_back();
                said.map_or_else(|| "the module refused it and did not say why".to_owned(), str::to_owned)
            }
            StartError::Trapped(trap, _) => format!("the module failed while it read it: {trap}"),
        };
        Trouble::new(format!("{}: {}", self.document.path.display(), self.document.placed(&words)))
    }
}

/// The reason why the exchange has no usable story.
fn spoiled(trace: &Trace) -> Option<String> {
    trace.events().find_map(|event| match event {
        Event::Trapped(trap) => Some(format!("the module failed: {trap}")),
        Event::Stuck => Some("the exchange never ended: the module waits, and nothing is under way for it".to_owned()),
        _ => None,
    })
}
