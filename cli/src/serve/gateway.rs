//! The gateway as a whole: takes connections, hands each request to the VM that serves now, replaces that VM when the document
//! changes or the VM fails, and ends when it is told to end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use host_sim::{Module, StartError};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::client;
use super::configuration::Configuration;
use super::fresh::{Freshness, Stamps};
use super::front::Front;
use super::watch::Watch;
use crate::Trouble;
use crate::document::Reading;
use crate::embedded::hosts::Ways;
use crate::embedded::refusal;
use crate::embedded::terminal::tell;
use crate::embedded::worker::Worker;
use crate::environment::Given;
use crate::verification::Verification;

/// A VM that fails is not replaced more often than this.
const BETWEEN_VMS: Duration = Duration::from_secs(1);
/// The time that requests under way have left when the gateway ends.
const GRACE: Duration = Duration::from_secs(10);

/// A gateway that is ready to serve.
pub(super) struct Gateway {
    path: PathBuf,
    ways: Ways,
    reading: Reading,
    given: Given,
    module: Module,
    configuration: Configuration,
    /// A newer configuration, which the module refused.
    refused: Option<Configuration>,
    /// The last message about a document that could not be read.
    unread: Option<String>,
    current: Arc<Current>,
    watch: Watch,
    stamps: Stamps,
    /// The VMs that died, by number.
    deaths: (mpsc::UnboundedSender<u64>, mpsc::UnboundedReceiver<u64>),
    born: (u64, Instant),
}

/// The VM that serves now.
struct Current {
    serving: RwLock<Serving>,
    last_key: AtomicU64,
}

/// A VM, and the checks in front of it.
#[derive(Clone)]
struct Serving {
    worker: Worker,
    front: Arc<Front>,
    verification: Arc<Verification>,
}

impl Gateway {
    /// Reads the document and starts its VM.
    pub(super) async fn start(
        path: PathBuf,
        ways: Ways,
        (reading, given): (Reading, Given),
        module: Module,
    ) -> Result<Self, Trouble> {
        let configuration = Configuration::read(&path, &reading, &given, &ways)?;
        let deaths = mpsc::unbounded_channel();
        let serving = start_vm(&module, &configuration, &ways, &deaths.0, 1).await;
        let serving = serving.map_err(|error| refusal(&path, &configuration, &error))?;
        let watch = Watch::start()?;
        let current = Arc::new(Current { serving: RwLock::new(serving), last_key: AtomicU64::new(0) });
        Ok(Self {
            path,
            ways,
            reading,
            given,
            module,
            configuration,
            refused: None,
            unread: None,
            current,
            watch,
            stamps: Stamps::default(),
            deaths,
            born: (1, Instant::now()),
        })
    }

    /// Serves until it is told to end.
    pub(super) async fn serve(mut self, listener: TcpListener, end: impl Future<Output = ()>) -> Result<(), Trouble> {
        let (stop, stopped) = watch::channel(false);
        let (under_way, mut all_done) = mpsc::channel::<()>(1);
        let (reader, mut asked) = mpsc::unbounded_channel();
        let fresh = Freshness { stamps: self.stamps.clone(), reader };
        let mut end = pin!(end);
        self.reload().await; // something may have changed before the watch began
        loop {
            let death = self.deaths.1.recv();
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((connection, peer)) => {
                        let way = (Arc::clone(&self.current), fresh.clone());
                        let serving = serve_connection(way, connection, peer, stopped.clone());
                        let under_way = under_way.clone();
                        tokio::spawn(async move {
                            serving.await;
                            drop(under_way);
                        });
                    }
                    // Too many files are open, for example. This improves when some requests have ended.
                    Err(error) => {
                        tell(&format!("no connection can be taken: {error}"));
                        tokio::time::sleep(BETWEEN_VMS).await;
                    }
                },
                () = self.watch.changed() => self.reload().await,
                Some(done) = asked.recv() => {
                    // Another request may have asked at the same time.
                    if self.stamps.are_old() {
                        self.reload().await;
                    }
                    let _ = done.send(()); // the client may be gone
                },
                Some(number) = death => self.replace(number).await,
                () = &mut end => break,
            }
        }
        drop((listener, under_way, asked));
        tell("ending: what is under way is finished first");
        let _ = stop.send(true);
        tokio::select! {
            done = timeout(GRACE, all_done.recv()) => if done.is_err() {
                tell(&format!("some requests have not ended within {} seconds: they are broken off", GRACE.as_secs()));
            },
            () = crate::embedded::signals::end() => {}
        }
        Ok(())
    }

    async fn reload(&mut self) {
        let before = self.stamps.now();
        let mut read = Configuration::read(&self.path, &self.reading, &self.given, &self.ways);
        // In a folder that was not watched yet, something may have changed after it was read.
        while self.look_at(read.as_ref().ok()) {
            read = Configuration::read(&self.path, &self.reading, &self.given, &self.ways);
        }
        self.stamps.set(read.as_ref().ok().map(Configuration::disk), before);
        let known = |new: &Configuration| {
            new.equals(&self.configuration) || self.refused.as_ref().is_some_and(|refused| new.equals(refused))
        };
        let unread = read.as_ref().err().map(ToString::to_string);
        let told = unread == self.unread;
        self.unread = unread;
        let new = match read {
            // Only something else in these folders has changed.
            Ok(new) if known(&new) => return,
            Ok(new) => new,
            Err(_) if told => return,
            Err(trouble) => return tell(&format!("{trouble}; the old configuration goes on")),
        };
        let number = self.born.0.saturating_add(1);
        match start_vm(&self.module, &new, &self.ways, &self.deaths.0, number).await {
            Ok(serving) => {
                self.configuration = new;
                self.refused = None;
                self.put(serving, number);
                tell(&format!("{} has changed: the new configuration serves", self.path.display()));
            }
            Err(error) => {
                tell(&format!("{}; the old configuration goes on", refusal(&self.path, &new, &error)));
                self.refused = Some(new);
            }
        }
    }

    /// Watches the folders of the configuration that serves, and those of a newer one. Returns whether there are new folders.
    fn look_at(&mut self, new: Option<&Configuration>) -> bool {
        let mut folders = &self.configuration.folders | &self.reading.folders();
        folders.extend(new.iter().flat_map(|new| new.folders.iter().cloned()));
        folders.retain(|folder| folder.is_dir());
        self.watch.look_at(&folders).unwrap_or_else(|trouble| {
            tell(&trouble.to_string());
            false
        })
    }

    async fn replace(&mut self, dead: u64) {
        // A VM that was replaced earlier only had to finish its requests.
        let (number, born) = self.born;
        if dead != number {
            return;
        }
        let number = number.saturating_add(1);
        if let Some(at) = born.checked_add(BETWEEN_VMS) {
            sleep_until(at).await;
        }
        match start_vm(&self.module, &self.configuration, &self.ways, &self.deaths.0, number).await {
            Ok(serving) => {
                self.put(serving, number);
                tell("a new VM serves in its place");
            }
            Err(error) => tell(&format!("no new VM can be started: {error}")),
        }
    }

    fn put(&mut self, serving: Serving, number: u64) {
        self.born = (number, Instant::now());
        *self.current.serving.write().unwrap_or_else(PoisonError::into_inner) = serving;
    }
}

async fn start_vm(
    module: &Module,
    configuration: &Configuration,
    ways: &Ways,
    deaths: &mpsc::UnboundedSender<u64>,
    number: u64,
) -> Result<Serving, StartError> {
    let deaths = deaths.clone();
    let setting = Arc::new(configuration.setting(ways));
    let worker = Worker::start(module.clone(), setting, move || {
        // Nobody receives this when the gateway is ending.
        let _ = deaths.send(number);
    });
    let (front, verification) = (Arc::clone(&configuration.front), Arc::clone(&configuration.verification));
    Ok(Serving { worker: worker.await?, front, verification })
}

// The message for a configuration that the module refused, with the module's own reasons.
fn refusal(path: &Path, configuration: &Configuration, error: &StartError) -> Trouble {
    let mut why = refusal::words(error, |said| configuration.placed(said));
    why.extend(configuration.missing.iter().cloned());
    Trouble::new(format!("{} cannot be served: {}", path.display(), why.join("\n")))
}

impl Current {
    /// The VM for a new request, and the request's number.
    fn next(&self) -> (Serving, u64) {
        let serving = self.serving.read().unwrap_or_else(PoisonError::into_inner).clone();
        (serving, self.last_key.fetch_add(1, Ordering::Relaxed))
    }
}

async fn serve_connection(
    (current, fresh): (Arc<Current>, Freshness),
    connection: TcpStream,
    peer: SocketAddr,
    mut stopped: watch::Receiver<bool>,
) {
    let _ = connection.set_nodelay(true);
    let service = service_fn(move |request| {
        let (current, fresh) = (Arc::clone(&current), fresh.clone());
        async move {
            fresh.wait().await;
            let (Serving { worker, front, verification }, key) = current.next();
            client::serve((worker, key), (&front, &verification), peer, request).await
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    let mut serving = pin!(http.timer(TokioTimer::new()).serve_connection(TokioIo::new(connection), service));
    // The end of a connection needs no message: each of its requests has one.
    tokio::select! {
        _ = &mut serving => return,
        _ = stopped.changed() => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = serving.await;
}
