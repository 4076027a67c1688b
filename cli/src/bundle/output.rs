//! One bundle: the files that it consists of, each with its text. Knows the options and the templates' values; the
//! configuration has been judged before.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use lua_modifier::config::{Configuration, Front};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::super::Trouble;
use super::super::document::Document;
use super::agents::{self, Agents};
use super::clusters::{self, Cluster};
use super::detours::Detour;
use super::front::FrontFilters;
use super::tokens::{KeyFile, Tokens};
use super::{Args, breakers, files, text, yaml};

const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 10000);
/// The number of bytes that Envoy holds of a body by default.
const BODY_BYTES: u64 = 1 << 20;
/// Envoy's default timeouts, in seconds.
const ROUTE_TIMEOUT: u64 = 15;
const IDLE_TIMEOUT: u64 = 300;
/// The longest timeout: a longer one is as good as none, and Envoy cannot count much further.
const LONGEST_TIMEOUT: u64 = 365 * 24 * 3600;

/// The files of a bundle, in the order in which they must be written.
pub(super) struct Output(Vec<OneFile>);

struct OneFile {
    /// The path; none means standard output.
    path: Option<PathBuf>,
    /// The folder where the file is put together; none means the folder of the file itself.
    scratch: Option<PathBuf>,
    text: String,
    /// Only its owner may read the file.
    secret: bool,
}

/// A filter as a file that Envoy watches.
const EXTENSION: &str = "envoy.config.core.v3.TypedExtensionConfig";

/// The folder where a proxy in a mesh sees key sets.
const MOUNTED: &str = "/etc/lua-modifier/keys";

/// A file that Envoy watches, as Envoy sees it.
#[derive(Serialize)]
struct Watched {
    path: String,
    folder: String,
}

impl Output {
    pub(super) fn new(
        args: &Args,
        path: Option<&Path>,
        module: &Path,
        document: &Document,
        configuration: &serde_json::Value,
        (front, detours, agents): (&Front, &[Detour], Option<&Agents>),
    ) -> Result<Self, Trouble> {
        let text = text::pretty(configuration);
        if args.plugin_config {
            return Ok(Self::single(path, if args.agents { agents::configuration(agents, document)? } else { text }));
        }
        let read = lua_modifier::config::read(text.as_bytes()).map_err(|error| {
            let path = document.path.display();
            Trouble::new(format!("{path}: the module serves it and this command does not understand it: {error}"))
        })?;
        let module = match &args.module_path {
            Some(path) => path.clone(),
            None if args.istio || args.envoy_gateway => {
                return Err(Trouble::new(
                    "manifests must say where the module is fetched: --module-path oci://registry.example.com/lua-modifier:1",
                ));
            }
            None => absolute(module)?,
        };
        let is_watched = args.watch || args.xds || args.xds_path.is_some();
        let keys = path.map(|path| path.with_extension("keys"));
        let seen = match (&args.keys_path, &keys) {
            (Some(seen), _) => seen.display().to_string(),
            _ if args.istio || args.envoy_gateway => MOUNTED.to_owned(),
            (None, Some(keys)) => absolute(keys)?,
            (None, None) => String::new(),
        };
        let tokens = Tokens::new(&read, document, &seen, is_watched)?;
        tokens.iter().flat_map(|tokens| &tokens.warnings).for_each(|warning| eprintln!("warning: {warning}"));
        let key_files = tokens.as_ref().map(|tokens| tokens.files.as_slice()).unwrap_or_default();
        if let (Some(file), None) = (key_files.first(), &keys) {
            return Err(Trouble::new(format!(
                "{}: the key set {} is a file of its own, because it may be a secret: say with -o where the bundle goes, and it is \
                 written beside that",
                document.path.display(),
                file.name
            )));
        }
        let mut clusters = clusters::needed(&read, document, detours)?;
        clusters.extend(clusters::of_keys(
            tokens.as_ref().map(|made| made.servers.as_slice()).unwrap_or_default(),
            detours,
        ));
        if args.istio || args.envoy_gateway {
            tell_breakers(&breakers::of_the_mesh(&read, is_own));
            not_the_meshs(&clusters, detours)?;
        }
        let writer = yaml::Writer::new(common(args, document, &read, &text, &module))?;
        let filled =
            tokens.as_ref().map(|tokens| writer.fill("tokens", context! { tokens => Value::from(Serde(tokens)) }));
        let key_folder = keys.as_ref().filter(|_| !key_files.is_empty()).map(|keys| keys.display().to_string());
        let of_tokens = context! { tokens => filled.transpose()?, key_folder, keys_seen => seen };
        let fronts = FrontFilters::new(front, &writer)?;
        let of_front = fronts.map(|made| {
            let FrontFilters { filters, replies, saved } = made;
            // For configurations in which each filter is put in front of the earlier ones.
            let backwards: Vec<String> = filters.iter().rev().cloned().collect();
            context! { filters, backwards, replies, saved }
        });
        let writer = writer.also(of_tokens).also(context! { front_filters => of_front });
        let rest = match args {
            Args { istio: true, .. } => istio(args, &writer, &clusters).map(|text| Self::single(path, text)),
            Args { envoy_gateway: true, .. } => {
                envoy_gateway(args, &writer, &clusters, &module).map(|text| Self::single(path, text))
            }
            _ => match path.filter(|_| is_watched) {
                Some(path) => Self::watched(args, path, &writer, &clusters, agents),
                None => bootstrap(&writer, &clusters, agents).map(|text| Self::single(path, text)),
            },
        }?;
        // The key sets come first: the other files lead to them.
        let secret = |file: &KeyFile| {
            let path = keys.as_ref().map(|keys| keys.join(&file.name));
            OneFile { path, scratch: keys.clone(), text: file.text.clone(), secret: true }
        };
        Ok(Self(key_files.iter().map(secret).chain(rest.0).collect()))
    }

    /// A bootstrap and the files that it names. Clusters come before their users, and so does the filter of a listener that may
    /// be new to a running Envoy.
    fn watched(
        args: &Args,
        output: &Path,
        writer: &yaml::Writer,
        clusters: &[Cluster],
        agents: Option<&Agents>,
    ) -> Result<Self, Trouble> {
        let folder = output.with_extension("xds");
        let seen = match &args.xds_path {
            Some(path) => path.display().to_string(),
            None => absolute(&folder)?,
        };
        let watched =
            |kind: &str| Watched { path: format!("{seen}/{kind}/{kind}.yaml"), folder: format!("{seen}/{kind}") };
        let seen = |kind: &str| Value::from(Serde(watched(kind)));
        let (of_clusters, of_listeners) = (seen("clusters"), seen("listeners"));
        let xds = context! { clusters => of_clusters, listeners => of_listeners, filter => seen("filter"), agents => seen("agents") };
        let plugin = writer.fill("plugin", context! { code => "file" })?;
        let mut listeners = vec![listener(writer, clusters, context! { xds => xds.clone() })?];
        let mut contents =
            vec![("clusters", "envoy.config.cluster.v3.Cluster", "the clusters", writer.clusters(clusters)?)];
        if let Some(agents) = agents {
            listeners.push(agents.listener(writer, context! { xds => xds.clone(), ..leading(writer, clusters)? })?);
            contents.push((
                "agents",
                EXTENSION,
                "the configuration of the agents' filter",
                vec![agents.filter(writer)?],
            ));
        }
        let about = if agents.is_some() { "the listeners" } else { "the listener" };
        contents.push(("listeners", "envoy.config.listener.v3.Listener", about, listeners));
        let filter = vec![writer.fill("filter", context! { plugin })?];
        contents.push(("filter", EXTENSION, "the filter's configuration", filter));
        let mut all = Vec::new();
        for (kind, message, about, resources) in contents {
            let kind_of = format!("type.googleapis.com/{message}");
            let text = writer.fill("resources", context! { about, resources, type => kind_of })?;
            let path = Some(folder.join(kind).join(format!("{kind}.yaml")));
            all.push(OneFile { path, scratch: Some(folder.clone()), text, secret: false });
        }
        let text = writer.fill("bootstrap", context! { xds })?;
        all.push(OneFile { path: Some(output.to_owned()), scratch: None, text, secret: false });
        Ok(Self(all))
    }

    fn single(path: Option<&Path>, text: String) -> Self {
        Self(vec![OneFile { path: path.map(Path::to_owned), scratch: None, text, secret: false }])
    }

    /// Writes the files that differ from an earlier output, and returns their paths.
    pub(super) fn write(&self, earlier: Option<&Self>) -> Result<Vec<PathBuf>, Trouble> {
        let mut written = Vec::new();
        for file in &self.0 {
            let known = earlier.into_iter().flat_map(|earlier| &earlier.0);
            if known.filter(|known| known.path == file.path).any(|known| known.text == file.text) {
                continue;
            }
            file.write()?;
            written.extend(file.path.clone());
        }
        Ok(written)
    }
}

impl OneFile {
    fn write(&self) -> Result<(), Trouble> {
        let text = format!("{}\n", self.text.trim_end());
        let Some(path) = &self.path else {
            let mut out = std::io::stdout().lock();
            let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            return written.map_err(|error| Trouble::file(Path::new("standard output"), "written", &error));
        };
        if let (Some(scratch), Some(folder)) = (&self.scratch, path.parent()) {
            files::make_folder(scratch, folder)?;
        }
        files::write(path, self.scratch.as_deref(), &text, self.secret)
    }
}

fn bootstrap(writer: &yaml::Writer, clusters: &[Cluster], agents: Option<&Agents>) -> Result<String, Trouble> {
    let plugin = writer.fill("plugin", context! { code => "file" })?;
    let mut listeners = vec![listener(writer, clusters, context! { plugin, xds => () })?];
    if let Some(agents) = agents {
        let plugin = agents.plugin(writer)?;
        listeners.push(agents.listener(writer, context! { plugin, xds => (), ..leading(writer, clusters)? })?);
    }
    let clusters = writer.clusters(clusters)?;
    writer.fill("bootstrap", context! { listeners, clusters, xds => () })
}

fn istio(args: &Args, writer: &yaml::Writer, clusters: &[Cluster]) -> Result<String, Trouble> {
    let plugin = writer.fill("plugin", context! { code => "istio" })?;
    let route = writer.fill("route", context! {})?;
    let clusters = writer.clusters(own(clusters))?;
    let namespace = args.namespace.as_deref().unwrap_or("istio-system");
    let gateway = args.gateway.as_deref().unwrap_or("istio-system/lua-modifier");
    writer.fill("istio", context! { plugin, route, clusters, namespace, gateway, hostname => args.hostname.as_str() })
}

fn envoy_gateway(args: &Args, writer: &yaml::Writer, clusters: &[Cluster], module: &str) -> Result<String, Trouble> {
    let route = writer.fill("route", context! {})?;
    let named = own(clusters).map(|cluster| &cluster.name).zip(writer.clusters(own(clusters))?);
    let clusters: Vec<Value> = named.map(|(name, text)| context! { name, text }).collect();
    let namespace = args.namespace.as_deref().unwrap_or("default");
    let gateway = args.gateway.as_deref().unwrap_or("eg");
    let filter = format!("envoy.filters.http.wasm/envoyextensionpolicy/{namespace}/{}/.*", args.name);
    let values = context! {
        route, clusters, namespace, gateway,
        hostname => args.hostname.as_str(),
        code => if module.starts_with("http") { "http" } else { "image" },
        filter_path => format!("..http_filters[?match(@.name, '{filter}')].typed_config.config"),
        listener => format!("{namespace}/{gateway}/http"),
    };
    writer.fill("gateway", values)
}

fn listener(writer: &yaml::Writer, clusters: &[Cluster], own: Value) -> Result<String, Trouble> {
    writer.fill("listener", context! { ..own, ..leading(writer, clusters)? })
}

/// The route of a listener, and whether the listener looks up hosts.
fn leading(writer: &yaml::Writer, clusters: &[Cluster]) -> Result<Value, Trouble> {
    let dynamic = clusters.iter().any(|cluster| cluster.dynamic);
    Ok(context! { dynamic, route => writer.fill("route", context! {})? })
}

/// The clusters that a mesh does not bring itself: the mesh's clusters are called
/// `outbound|80||shop.default.svc.cluster.local`, `httproute/default/shop/rule/0`, or have the name in `default_cluster`.
fn own(clusters: &[Cluster]) -> impl Iterator<Item = &Cluster> {
    clusters.iter().filter(|cluster| !cluster.dynamic && is_own(&cluster.name))
}

fn is_own(cluster: &str) -> bool {
    !cluster.contains(['|', '/'])
}

/// Warns that the mesh's own clusters have no outlier detection.
fn tell_breakers(clusters: &[String]) {
    for cluster in clusters {
        eprintln!(
            "note: qos/circuit-breaker: each worker of the proxy counts errors for itself; for all workers together the mesh does it, whose \
             cluster {cluster} is: outlierDetection in its DestinationRule (Istio), healthCheck.passive in its BackendTrafficPolicy (Envoy Gateway)"
        );
    }
}

/// Refuses detours for the mesh's clusters: they lead where the mesh says.
fn not_the_meshs(clusters: &[Cluster], detours: &[Detour]) -> Result<(), Trouble> {
    let is_own = |cluster: &Cluster| own(std::slice::from_ref(cluster)).next().is_some();
    let foreign = clusters.iter().filter(|cluster| !is_own(cluster));
    let mut served = foreign.flat_map(|cluster| cluster.hosts.iter().map(move |host| (&cluster.name, &host.key)));
    match served.find(|(_, key)| detours.iter().any(|detour| detour.key == **key)) {
        Some((name, key)) => {
            Err(Trouble::new(format!("--connect-to: {key} is served by {name:?}, a cluster of the mesh's own")))
        }
        None => Ok(()),
    }
}

/// The values that several templates use.
fn common(args: &Args, document: &Document, read: &Configuration, configuration: &str, module: &str) -> Value {
    let longest = read.pipelines().map(|endpoint| endpoint.timeout.as_millis().div_ceil(1000)).max().unwrap_or(0);
    let longest = u64::try_from(longest).unwrap_or(LONGEST_TIMEOUT).min(LONGEST_TIMEOUT);
    let limits = read.pipelines().map(|endpoint| endpoint.limits.body_bytes);
    let body_bytes = limits.chain([read.plugin.limits.body_bytes, BODY_BYTES]).max().unwrap_or(BODY_BYTES);
    let listen = listen(args, document);
    context! {
        name => args.name.as_str(),
        source => document.path.display().to_string(),
        listen => context! { address => listen.ip().to_string(), port => listen.port() },
        admin_port => args.admin_port,
        module, configuration,
        plugin_name => "lua-modifier",
        root => (),
        env => variables(document),
        ca_file => args.ca_file.as_str(),
        body_bytes => body_bytes.min(u64::from(u32::MAX)), // Envoy's field has 32 bits
        route_timeout => longest.max(ROUTE_TIMEOUT),
        websocket => args.websocket,
        idle_timeout => longest.saturating_add(ROUTE_TIMEOUT).max(IDLE_TIMEOUT),
    }
}

/// The names of the variables that scripts may read, as a list; an empty text if there are none.
fn variables(document: &Document) -> String {
    let names: BTreeSet<&str> = document.variables().collect();
    let names: Vec<String> = names.into_iter().map(text::quoted).collect();
    if names.is_empty() { String::new() } else { format!("[{}]", names.join(", ")) }
}

/// The address where Envoy listens.
pub(super) fn listen(args: &Args, document: &Document) -> SocketAddr {
    args.listen.unwrap_or_else(|| listens(&document.json))
}

/// The address where KrakenD would listen by this document; this machine only, if the document gives neither port nor address.
fn listens(document: &serde_json::Value) -> SocketAddr {
    let port = document.get("port").and_then(serde_json::Value::as_u64).and_then(|port| u16::try_from(port).ok());
    let address = document.get("listen_ip").and_then(|ip| ip.as_str()?.parse::<IpAddr>().ok());
    let everywhere = || if port.is_some() { Ipv4Addr::UNSPECIFIED.into() } else { LISTEN.ip() };
    SocketAddr::new(address.unwrap_or_else(everywhere), port.filter(|port| *port > 0).unwrap_or(LISTEN.port()))
}

fn absolute(path: &Path) -> Result<String, Trouble> {
    let absolute = std::path::absolute(path).map_err(|error| Trouble::file(path, "found", &error))?;
    Ok(absolute.display().to_string())
}
