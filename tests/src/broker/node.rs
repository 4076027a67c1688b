//! The processes of a RabbitMQ: Erlang's port mapper and a node, which can be killed and started again with what it has kept.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use super::queues::Queues;
use crate::machine::{Folder, Lines, eventually, free_port};

/// How long a node may take to start or to end, on a machine that does other things, too.
const PATIENCE: Duration = Duration::from_secs(300);

/// A RabbitMQ, which runs or not.
pub struct Broker {
    folder: Folder,
    mapper: Child,
    ports: Ports,
    node: Mutex<Option<Node>>,
}

#[derive(Clone, Copy)]
struct Ports {
    amqp: u16,
    mapper: u16,
    distribution: u16,
}

struct Node {
    child: Child,
    log: Lines,
}

/// What starts a node: `RABBITMQ` names it, and where `make setup` has installed it, it is found without.
fn program() -> PathBuf {
    let named = std::env::var_os("RABBITMQ").filter(|named| !named.is_empty()).map(PathBuf::from);
    let path = named.unwrap_or_else(|| "/usr/lib/rabbitmq/bin/rabbitmq-server".into());
    assert!(path.is_file(), "{} is not there: run make setup, or name a rabbitmq-server by RABBITMQ", path.display());
    path
}

impl Broker {
    /// One that runs.
    pub fn start() -> Self {
        let broker = Self::down();
        broker.up();
        broker
    }

    /// One that does not run yet, and whose address is known.
    pub fn down() -> Self {
        program();
        let folder = Folder::default();
        let cookie = folder.path().join(".erlang.cookie");
        folder.write(".erlang.cookie", "of-a-test");
        std::fs::set_permissions(&cookie, std::fs::Permissions::from_mode(0o400)).unwrap();
        folder.write("enabled_plugins", "[].");
        let ports = Ports { amqp: free_port(), mapper: free_port(), distribution: free_port() };
        let mut mapper = Command::new("epmd");
        mapper.args(["-address", "127.0.0.1", "-port", &ports.mapper.to_string()]);
        let mapper = mapper.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("epmd listens", || TcpStream::connect(("127.0.0.1", ports.mapper)).is_ok());
        Self { folder, mapper, ports, node: Mutex::new(None) }
    }

    /// Starts its node, and returns when it serves.
    pub fn up(&self) {
        let path = |name: &str| self.folder.path().join(name);
        let mut command = Command::new(program());
        command.env_clear().process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        for name in ["PATH", "LANG"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.env("HOME", self.folder.path()).env("ERL_EPMD_ADDRESS", "127.0.0.1");
        command.env("RABBITMQ_NODENAME", format!("of-a-test-{}@localhost", self.ports.amqp));
        command.env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1").env("RABBITMQ_LOGS", "-");
        command.env("RABBITMQ_MNESIA_BASE", path("data")).env("RABBITMQ_LOG_BASE", path("log"));
        command.env("RABBITMQ_ENABLED_PLUGINS_FILE", path("enabled_plugins"));
        // Those of the machine are not ours.
        command.env("RABBITMQ_CONFIG_FILE", path("none")).env("RABBITMQ_CONF_ENV_FILE", path("none"));
        command.env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        let ports = [
            ("RABBITMQ_NODE_PORT", self.ports.amqp),
            ("RABBITMQ_DIST_PORT", self.ports.distribution),
            ("ERL_EPMD_PORT", self.ports.mapper),
        ];
        command.envs(ports.map(|(name, port)| (name, port.to_string())));
        let mut child = command.spawn().unwrap();
        let log = Lines::follow(child.stdout.take().unwrap());
        let node = Node { child, log };
        assert!(node.log.wait_for("Server startup complete", PATIENCE).is_some(), "{}", node.log.so_far().join("\n"));
        assert!(self.node.lock().unwrap().replace(node).is_none(), "it runs already");
    }

    /// Kills its node, as a machine that fails does.
    pub fn kill(&self) {
        let Some(mut node) = self.node.lock().unwrap().take() else { return };
        // The script and Erlang's processes are a group: they are children of it, not of ours.
        let group = format!("-{}", node.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = node.child.wait();
        node.log.wait_for_end(PATIENCE); // the last of them has closed it
    }

    /// The address of its default virtual host, as documents have it.
    pub fn address(&self) -> String {
        self.address_with("guest")
    }

    /// The same with this password.
    pub fn address_with(&self, password: &str) -> String {
        format!("amqp://guest:{password}@127.0.0.1:{}/", self.ports.amqp)
    }

    /// A connection to it.
    pub fn queues(&self) -> Queues {
        Queues::connect(self.ports.amqp)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
        let _ = self.mapper.kill();
        let _ = self.mapper.wait();
    }
}
