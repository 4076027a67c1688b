//! The world of `lua-modifier serve`: the command as a gateway between real connections, one process for each case.

use super::surroundings::Surroundings;
use super::{World, one_by_one};
use crate::built::{module_from_env, program_from_env};
use crate::cases::{Case, Outcome};
use crate::command::Serving;
use crate::machine::Folder;

/// The command as a gateway.
pub struct InServe(());

impl InServe {
    /// Makes the world with the command and the module that the environment names.
    pub fn from_env() -> Result<Self, String> {
        program_from_env().and_then(|_| module_from_env()).map(|_| Self(()))
    }
}

impl World for InServe {
    fn name(&self) -> &'static str {
        "in serve"
    }

    fn play(&self, cases: &[Case]) -> Vec<Outcome> {
        one_by_one(cases, 4, play)
    }
}

fn play(index: usize, case: &Case) -> Outcome {
    let around = Surroundings::new(index, case);
    let folder = Folder::default();
    around.key_sets().iter().for_each(|(name, text)| folder.write(name, text));
    folder.write("krakend.json", around.configuration());
    let mut serving = match Serving::start_in_among(folder, &around.environment(), &["--proper-case"]) {
        Ok(serving) => serving,
        Err(reason) => return Outcome::Refused(around.at.restore(&reason)),
    };
    let responses = around.send_all(serving.port);
    let mut seen = around.observed(serving.port, responses);
    serving.terminate();
    if serving.ended() != Some(0) {
        return Outcome::Crashed(serving.said.so_far().join("\n"));
    }
    seen.log = around.said(&serving.logged());
    Outcome::Played(seen)
}
