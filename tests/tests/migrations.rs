//! Whole gateways, similar to published ones (`tests/migrations`), in the form in which their teams have them: checked by
//! `check`, tried by `run`, bundled for a real Envoy, and served by `serve`. Each must give the same results everywhere.

use std::process::Command;

use tests::command::{self, Serving, call_in};
use tests::envoy::Bundled;
use tests::machine::{Folder, free_port};
use tests::migrations::{self, Asking, Migration, Seen};
use tests::upstreams::Upstream;
use tests::wire::client;
use tests::worlds::one_by_one;

/// The command in a migration's folder, with its environment, and with its arguments after the document.
fn called(migration: &Migration, folder: &Folder, subcommand: &str) -> Command {
    let mut command = command::command(folder);
    command.envs(&migration.environment).args([subcommand, migration.document.as_str()]).args(&migration.arguments);
    command
}

/// Plays each migration, and reports all faults.
fn each(play: impl Fn(&Migration) -> Vec<String> + Sync) {
    let all = migrations::all();
    assert!(all.len() >= 12, "{}", all.len());
    let wrong = one_by_one(&all, 2, |_, migration| {
        let wrong = play(migration);
        wrong.into_iter().map(|line| format!("{}: {line}", migration.name)).collect::<Vec<String>>()
    });
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sends the migration's requests to a port; the migration's upstream is behind it.
fn exchanged(migration: &Migration, port: u16, upstream: &Upstream) -> Vec<String> {
    let mut wrong = Vec::new();
    for (request, expected) in &migration.exchanges {
        let before = upstream.asked().len();
        let response = client::send(port, request);
        let asked = upstream.asked().split_off(before).into_iter().map(Asking::from).collect();
        let differences = expected.differs(&Seen { response, asked });
        wrong.extend(differences.into_iter().map(|line| format!("{} {}: {line}", request.method, request.path)));
    }
    wrong
}

#[test]
fn check_says_what_there_is_to_say_and_nothing_else() {
    each(|migration| {
        let folder = Folder::copy_of(&migration.folder);
        let mut wrong = Vec::new();
        for (options, verdict) in [(&[][..], &migration.check), (&["--migration"][..], &migration.report)] {
            let said = call_in(called(migration, &folder, "check").args(options));
            if said.code != Some(verdict.code) {
                wrong.push(format!("check {options:?} ends with {:?}:\n{}{}", said.code, said.out, said.err));
            }
            let lacking = verdict.says.iter().filter(|words| !said.out.contains(*words));
            wrong.extend(lacking.map(|words| format!("check {options:?} does not say {words:?}:\n{}", said.out)));
        }
        wrong
    });
}

#[test]
fn run_gives_each_answer() {
    each(|migration| {
        let folder = Folder::copy_of(&migration.folder);
        folder.write("rules.toml", migration.rules_for_run());
        let mut wrong = Vec::new();
        for (request, expected) in &migration.exchanges {
            let mut command = called(migration, &folder, "run");
            command.args([&request.method, &request.path]).args(["--format", "json", "--upstream", "rules.toml"]);
            for (name, value) in &request.headers {
                command.args(["-H", &format!("{name}: {value}")]);
            }
            if let Some(body) = &request.body {
                command.args(["-d", body]);
            }
            for name in &migration.variables {
                command.args(["--env", name]);
            }
            let said = call_in(&mut command);
            let line = format!("{} {}", request.method, request.path);
            match serde_json::from_str(&said.out) {
                Ok(story) => {
                    let differences = expected.differs(&Seen::of_story(&story));
                    wrong.extend(differences.into_iter().map(|difference| format!("{line}: {difference}")));
                }
                Err(_) => wrong.push(format!("{line}: {:?}\n{}", said.code, said.err)),
            }
        }
        wrong
    });
}

#[test]
fn envoy_serves_what_bundle_makes_of_it() {
    each(|migration| {
        let folder = Folder::copy_of(&migration.folder);
        let upstream = Upstream::start();
        upstream.set_rules(migration.rules());
        let mut command = called(migration, &folder, "bundle");
        // The gateway may be its own backend: its address must be known beforehand.
        let listen = format!("127.0.0.1:{}", free_port());
        command.args(["--listen", &listen, "--admin-port", "0", "-o", "envoy.yaml"]);
        for host in &migration.hosts {
            command.args(["--connect-to", &format!("{host}={}", upstream.authority())]);
        }
        let said = call_in(&mut command);
        if said.code != Some(0) {
            return vec![format!("bundle ends with {:?}: {}", said.code, said.err)];
        }
        let envoy = Bundled::start_with(&folder.path().join("envoy.yaml"), &migration.environment);
        exchanged(migration, envoy.port("lua-modifier"), &upstream)
    });
}

#[test]
fn serve_gives_each_answer() {
    each(|migration| {
        let folder = Folder::copy_of(&migration.folder);
        let upstream = Upstream::start();
        upstream.set_rules(migration.rules());
        let mut command = called(migration, &folder, "serve");
        for host in &migration.hosts {
            command.args(["--backend", &format!("{host}=http://{}", upstream.authority())]);
        }
        match Serving::by(command, folder) {
            Ok(serving) => exchanged(migration, serving.port, &upstream),
            Err(said) => vec![format!("serve gives up: {said}")],
        }
    });
}
