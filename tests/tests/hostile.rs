//! Every hostile script natively and in host-sim, one after the other in one VM, with an honest request after each.

use tests::cases::hostile::{self, Hostile, configuration, honest_request, judge_honest, upstream};
use tests::cases::{Case, Outcome};
use tests::worlds::{InHostSim, Natively, World};

#[test]
fn natively_hostile_scripts_meet_their_limits_and_honest_requests_are_answered() {
    play(&Natively, hostile::load());
}

#[test]
fn in_host_sim_hostile_scripts_meet_their_limits_and_honest_requests_are_answered() {
    // The clock of host-sim stands still while a script computes.
    let timeless = hostile::load().into_iter().filter(|one| !one.needs_a_clock()).collect();
    play(&InHostSim::from_env().unwrap(), timeless);
}

fn play(world: &dyn World, all: Vec<Hostile>) {
    assert!(!all.is_empty());
    let requests = all.iter().enumerate().flat_map(|(number, one)| [one.request(), honest_request(number)]).collect();
    let case = Case {
        name: "hostile".into(),
        note: None,
        config: configuration(&all),
        files: Default::default(),
        env: Default::default(),
        requests,
        upstream: upstream(),
        unordered: false,
        settles: Default::default(),
        recorded: Default::default(),
    };
    let outcome = world.play(&[case]).pop().unwrap();
    let Outcome::Played(seen) = outcome else { panic!("{}: {outcome:?}", world.name()) };
    let judge = |(number, answers): (usize, &[Result<_, _>])| {
        [all[number].judge(&answers[0]).err(), judge_honest(number, &answers[1]).err()]
    };
    let wrong: Vec<String> = seen.responses.chunks(2).enumerate().flat_map(judge).flatten().collect();
    println!("{}: {} hostile scripts", world.name(), all.len());
    assert!(wrong.is_empty(), "{} {}:\n{}", wrong.len(), world.name(), wrong.join("\n"));
}
