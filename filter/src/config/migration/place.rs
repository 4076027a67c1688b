//! The places of an `extra_config`, and the rows of the namespaces that KrakenD looks for there. Knows no name.

use super::row::Row;

/// The place of an `extra_config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// At the top of the document.
    Service,
    /// In an endpoint.
    Endpoint,
    /// In an agent.
    Agent,
    /// In a backend.
    Backend,
}

impl Level {
    /// All levels.
    pub const ALL: [Self; 4] = [Self::Service, Self::Endpoint, Self::Agent, Self::Backend];

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Endpoint => "endpoint",
            Self::Agent => "agent",
            Self::Backend => "backend",
        }
    }
}

/// A namespace, at the levels where KrakenD looks for it.
#[derive(Clone, Copy, Debug)]
pub struct Namespace {
    /// The levels with this row. At another level the same name may have another row.
    pub levels: &'static [Level],
    /// What happens with the namespace here.
    pub row: Row,
}

pub(super) const fn service(row: Row) -> Namespace {
    Namespace { levels: &[Level::Service], row }
}

pub(super) const fn endpoint(row: Row) -> Namespace {
    Namespace { levels: &[Level::Endpoint], row }
}

pub(super) const fn backend(row: Row) -> Namespace {
    Namespace { levels: &[Level::Backend], row }
}

/// At the service and at endpoints.
pub(super) const fn front(row: Row) -> Namespace {
    Namespace { levels: &[Level::Service, Level::Endpoint], row }
}

pub(super) const fn agent(row: Row) -> Namespace {
    Namespace { levels: &[Level::Agent], row }
}

/// At objects with a pipeline: endpoints and agents.
pub(super) const fn pipe(row: Row) -> Namespace {
    Namespace { levels: &[Level::Endpoint, Level::Agent], row }
}

/// At endpoints, agents and backends.
pub(super) const fn inner(row: Row) -> Namespace {
    Namespace { levels: &[Level::Endpoint, Level::Agent, Level::Backend], row }
}

pub(super) const fn everywhere(row: Row) -> Namespace {
    Namespace { levels: &Level::ALL, row }
}
