//! `lua-modifier bundle`: Envoy's configuration, made from a KrakenD configuration and its Lua files. The module judges the
//! configuration before anything is written.

mod agents;
mod breakers;
mod clusters;
mod detours;
mod files;
mod front;
mod judge;
mod output;
mod own_address;
mod text;
mod tokens;
mod urls;
mod watch;
mod yaml;

use std::collections::BTreeSet;
use std::iter;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use host_sim::Module;
use lua_modifier::config::Front;

use super::document::{Document, Reading, answer_health, answer_unmatched, enforce, of_endpoints};
use super::{Common, Outcome, Trouble, module};
use agents::Agents;
use detours::Detour;
use judge::Judgement;
use output::Output;

const EXAMPLES: &str = "\
Examples:
  lua-modifier bundle krakend.json -o envoy.yaml && envoy -c envoy.yaml
  lua-modifier bundle krakend.json -o envoy.yaml --watch   # a running Envoy follows every change of the scripts
  lua-modifier bundle krakend.json --listen 0.0.0.0:8080 --module-path /etc/envoy/lua-modifier.wasm -o envoy.yaml
  lua-modifier bundle krakend.json --plugin-config         # for an envoy.yaml of your own
  lua-modifier bundle krakend.json --istio --gateway istio-system/api --module-path oci://registry.example.com/lua-modifier:1

Sources are read relative to the working directory, as KrakenD does. What the module refuses is not written: the exit code is 1
then, and 2 where something could not be read or written.

Agents: async_agent gets a second listener, on loopback, where `lua-modifier agent` hands over its messages. It serves them and
nothing else, and no listener of clients does. --plugin-config writes what the filter of the endpoints is configured with, and
--plugin-config --agents what that of the agents is.

Watching: Envoy does not read its bootstrap again. With --xds or --watch, -o envoy.yaml is a bootstrap that names three files
in envoy.xds/, which Envoy watches: filter/filter.yaml (configuration and scripts), clusters/clusters.yaml and
listeners/listeners.yaml; for agents agents/agents.yaml, too. Each is written when it changes, and no connection is closed for a change of scripts.

Tokens: where endpoints have auth/validator, Envoy verifies tokens (jwt_authn) in front of the filter, and the filter decides which
endpoint asks for which. Key sets that are files (jwk_local_path) are copied to envoy.keys/ beside -o envoy.yaml, for the eyes of
their owner only: an Envoy of another user needs the right to read them.

Protection: security/cors and security/http of the service become a filter in front of all others, and the module is told by
enforced_by_envoy that they are done. --plugin-config writes no filter, so that the module refuses a document with security/http.";

const AGENTS_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 10100);

/// Write a configuration for Envoy, its scripts inside
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The KrakenD configuration. Of several, each becomes a file of its own
    #[arg(value_name = "krakend.json", required = true)]
    documents: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// The file to write [default: standard output]; for several configurations the folder of the files
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Keep running, and write again whenever the configuration or one of its Lua files changes. A change that is refused is told, and
    /// what was written before stays
    #[arg(long, requires = "output")]
    watch: bool,
    /// Write listener, clusters and filter as files that Envoy watches, beside the bootstrap
    #[arg(long, requires = "output")]
    xds: bool,
    /// Where Envoy sees the folder of the files that it watches, if not where they are written
    #[arg(long, value_name = "FOLDER", requires = "output")]
    xds_path: Option<PathBuf>,
    /// Where Envoy sees the folder of key sets (jwk_local_path), if not where they are written; for manifests a folder of the proxy
    /// [default there: /etc/lua-modifier/keys]
    #[arg(long, value_name = "FOLDER", requires = "output")]
    keys_path: Option<PathBuf>,

    /// Write the plugin's configuration only: the document as JSON, its sources inside
    #[arg(long, group = "kind")]
    plugin_config: bool,
    /// With --plugin-config: that of the listener of agents (async_agent)
    #[arg(long, requires = "plugin_config")]
    agents: bool,
    /// Write manifests for an Istio ingress gateway
    #[arg(long, groups = ["kind", "manifest"])]
    istio: bool,
    /// Write manifests for Envoy Gateway
    #[arg(long, groups = ["kind", "manifest"])]
    envoy_gateway: bool,

    /// Answer KrakenD's health check: GET /__health, or what router.health_path says
    #[arg(long)]
    health: bool,
    /// Where Envoy listens [default: listen_ip and port of the configuration, else 127.0.0.1:10000]
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "kind")]
    listen: Option<SocketAddr>,
    /// Where Envoy takes the messages of agents (async_agent) from `lua-modifier agent`: whoever reaches this address can have any
    /// message done
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = AGENTS_LISTEN, conflicts_with = "kind")]
    agents_listen: SocketAddr,
    /// The port of Envoy's admin interface, on 127.0.0.1
    #[arg(long, value_name = "PORT", default_value_t = 9901, conflicts_with = "kind")]
    admin_port: u16,
    /// Where Envoy finds the module: a file [default: the one that judges the configuration]; for manifests an address, like
    /// oci://registry.example.com/lua-modifier:1 or https://example.com/lua-modifier.wasm
    #[arg(long, value_name = "PATH")]
    module_path: Option<String>,
    /// Where Envoy finds the certificates of the authorities that it trusts, for https hosts
    #[arg(long, value_name = "FILE", default_value = "/etc/ssl/certs/ca-certificates.crt")]
    ca_file: String,
    /// Reach a host at another address, for a trial: http://api.internal:8080=127.0.0.1:9000. Its name stays what it is; it gets
    /// a cluster of its own, even where it has none else
    #[arg(long, value_name = "HOST=ADDRESS:PORT", conflicts_with = "plugin_config")]
    connect_to: Vec<Detour>,

    /// Let websockets pass no-op endpoints (the gateways of Istio and Envoy Gateway do so by themselves)
    #[arg(long, conflicts_with = "kind")]
    websocket: bool,

    /// The name of what is made: the listener, or the manifests' resources
    #[arg(long, default_value = "lua-modifier")]
    name: String,
    /// The namespace of the manifests [default: istio-system, or default for Envoy Gateway]
    #[arg(long, requires = "manifest")]
    namespace: Option<String>,
    /// The gateway that the manifests are for [default: istio-system/lua-modifier, or eg for Envoy Gateway]
    #[arg(long, requires = "manifest")]
    gateway: Option<String>,
    /// The host that the gateway serves them for
    #[arg(long, value_name = "HOST", default_value = "*", requires = "manifest")]
    hostname: String,
}

/// The result for a document.
enum Made {
    Output(Output),
    /// The document is refused, for these reasons.
    Refused(Vec<String>),
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<Outcome, Trouble> {
    args.reading.can_read(args.documents.len())?;
    let jobs = jobs(args)?;
    if let Some(output) = jobs.iter().filter_map(|job| job.output.as_deref()).find(|path| is_input(path, args)) {
        return Err(Trouble::new(format!("{} is a configuration that is read: write elsewhere", output.display())));
    }
    let mut documents = Vec::new();
    for job in &jobs {
        let document = args.reading.document(job.document)?;
        tell_live(complete(&document)?, args.watch);
        documents.push(document);
    }
    let module = module::load(common.wasm.as_deref())?;
    let judged_by = module::find(common.wasm.as_deref())?;
    let bundler = Bundler { args, module, judged_by };
    let mut outcome = Outcome::Clean;
    for (job, document) in jobs.iter().zip(documents) {
        match bundler.make(&document, job.output.as_deref())? {
            Made::Refused(reasons) => {
                tell_refusal(&document, &reasons);
                outcome = Outcome::Findings;
            }
            Made::Output(output) => {
                output.write(None)?;
                if args.watch {
                    watch::forever(&bundler, job, document, output)?;
                }
            }
        }
    }
    Ok(outcome)
}

/// One document and the path of its bundle; none means standard output.
struct Job<'a> {
    document: &'a Path,
    output: Option<PathBuf>,
}

fn jobs(args: &Args) -> Result<Vec<Job<'_>>, Trouble> {
    if let [document] = args.documents.as_slice() {
        return Ok(vec![Job { document, output: args.output.clone() }]);
    }
    if args.watch || args.xds || args.xds_path.is_some() {
        return Err(Trouble::new("files that Envoy watches are made of one configuration: call the command for each"));
    }
    let folder = args.output.as_deref().filter(|folder| folder.is_dir()).ok_or_else(|| {
        Trouble::new(
            "several configurations become several files: -o must name the folder for them, and it must be there",
        )
    })?;
    let extension = if args.plugin_config { "json" } else { "yaml" };
    let named = |document: &Path| folder.join(document.file_name().unwrap_or_default()).with_extension(extension);
    let jobs: Vec<Job<'_>> =
        args.documents.iter().map(|document| Job { document, output: Some(named(document)) }).collect();
    let mut names = BTreeSet::new();
    match jobs.iter().find(|job| !names.insert(&job.output)) {
        Some(job) => Err(Trouble::new(format!("two of the configurations are called {}", job.document.display()))),
        None => Ok(jobs),
    }
}

/// Is this path the path of a document?
fn is_input(path: &Path, args: &Args) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    args.documents.iter().any(|document| document.canonicalize().is_ok_and(|document| document == path))
}

/// The document, if every source that it names exists.
fn complete(document: &Document) -> Result<&Document, Trouble> {
    let Some((name, why)) = document.lua.missing.iter().next() else { return Ok(document) };
    let folder = std::env::current_dir().unwrap_or_default();
    let others = match document.lua.missing.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    Err(Trouble::new(format!(
        "{}: the source {}{others} (sources are looked for in the working directory, {}, as KrakenD does)",
        document.path.display(),
        why.trouble(name),
        folder.display()
    )))
}

/// Tells that live sources are part of the bundle with their present text.
fn tell_live(document: &Document, watched: bool) {
    let live: Vec<&str> = document.live().into_iter().collect();
    if live.is_empty() {
        return;
    }
    let edits =
        if watched { "their edits are written as they come" } else { "an edit asks for another bundle, or --watch" };
    let path = document.path.display();
    eprintln!("note: {path}: \"live\" sources are embedded as they are now ({}): {edits}", live.join(", "));
}

fn tell_refusal(document: &Document, reasons: &[String]) {
    eprintln!("lua-modifier: the module refuses {}, nothing is written", document.path.display());
    reasons.iter().for_each(|reason| eprintln!("{}", document.placed(reason)));
}

fn tell_tokens(document: &Document) {
    eprintln!(
        "note: {}: endpoints ask for tokens, and Envoy verifies these in front of the filter, by envoy.filters.http.jwt_authn: without \
         it they answer 401. Take the filter from what bundle writes without --plugin-config",
        document.path.display()
    );
}

fn tell_own_hosts(own: &[String], detours: &[Detour]) {
    for host in own.iter().filter(|host| !detours.iter().any(|detour| detour.key == **host)) {
        eprintln!(
            "note: {host} is this gateway itself, and only the mesh knows where that listens: say so with --connect-to \
             {host}=ADDRESS:PORT, the gateway's service"
        );
    }
}

/// Makes an output of each document, all in the same way.
struct Bundler<'a> {
    args: &'a Args,
    module: Module,
    judged_by: PathBuf,
}

impl Bundler<'_> {
    fn make(&self, document: &Document, output: Option<&Path>) -> Result<Made, Trouble> {
        let mut configuration = document.plugin_configuration();
        of_endpoints(&mut configuration);
        let front = match Front::read(&document.json) {
            Ok(front) => front,
            Err(error) => return Ok(Made::Refused(vec![error.to_string()])),
        };
        // The configuration alone protects nothing: the module refuses protection that nothing enforces.
        if !self.args.plugin_config {
            enforce(&mut configuration, &front.blocks);
            front.warnings.iter().for_each(|warning| eprintln!("warning: {}", document.placed(warning)));
        }
        let mut detours = self.args.connect_to.clone();
        let mut asks_for_tokens = false;
        // A configuration that is refused is refused with or without detours.
        if let Ok(read) = lua_modifier::config::read(configuration.to_string().as_bytes()) {
            asks_for_tokens = !read.providers().is_empty();
            for key in clusters::strangers(&read, document, &self.args.connect_to) {
                eprintln!("warning: --connect-to: no host and no script of the configuration names {key}");
            }
            if self.args.istio || self.args.envoy_gateway {
                tell_own_hosts(&own_address::own_hosts(&read, document), &detours);
            } else {
                detours = own_address::with_own(&read, document, &detours, output::listen(self.args, document));
            }
            detours::name_clusters(&mut configuration, &read.plugin, &detours);
        }
        let Args { plugin_config, istio, envoy_gateway, health, .. } = self.args;
        // Only this Envoy is known to have no other routes; and no route may lead to a protected backend by another spelling.
        if !(*plugin_config || *istio || *envoy_gateway) || asks_for_tokens {
            answer_unmatched(&mut configuration);
        }
        if *health {
            answer_health(&mut configuration);
        }
        let agents = Agents::of(self.args, &configuration);
        let mut told = Vec::new();
        for configuration in iter::once(&configuration).chain(agents.as_ref().map(|agents| &agents.configuration)) {
            match judge::ask(&self.module, &configuration.to_string())? {
                Judgement::Refused(reasons) => return Ok(Made::Refused(reasons)),
                Judgement::Served(warnings) => told.extend(warnings),
            }
        }
        // Both configurations give the same warnings about agents.
        let mut said = BTreeSet::new();
        for warning in told.iter().filter(|warning| said.insert(*warning)) {
            eprintln!("warning: {}", document.placed(warning));
        }
        if let Some(agents) = &agents {
            agents::tell(self.args, document);
            agents::check_addresses(agents, output::listen(self.args, document))?;
        }
        if asks_for_tokens && *plugin_config {
            tell_tokens(document);
        }
        Output::new(self.args, output, &self.judged_by, document, &configuration, (&front, &detours, agents.as_ref()))
            .map(Made::Output)
    }
}
