//! The jobs whose exchanges are counted here, for all who play them.

pub mod jobs;
