//! VMs that play messages side by side: a message goes to the VM with the fewest messages. A VM that traps answers 503 to its
//! messages, as in Envoy, and is replaced; until then its new messages wait, because no script has seen them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use host_sim::{Headers, Module, StartError};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};

use crate::embedded::setting::Setting;
use crate::embedded::terminal::tell;
use crate::embedded::worker::{Answer, Event, Stream, Worker};

/// A VM that fails is not replaced more often than this.
const BETWEEN_VMS: Duration = Duration::from_secs(1);

/// All VMs of this program.
pub(super) struct Pool {
    places: Vec<Place>,
    last_key: AtomicU64,
}

/// A place for a VM. It is empty while a VM that trapped is being replaced.
struct Place {
    worker: watch::Receiver<Option<Worker>>,
    under_way: Arc<AtomicUsize>,
}

impl Pool {
    /// Starts the given number of VMs, at least one.
    pub(super) async fn start(module: Module, setting: Arc<Setting>, number: usize) -> Result<Self, StartError> {
        let mut places = Vec::new();
        for _ in 0..number.max(1) {
            let keeper = Keeper { module: module.clone(), setting: Arc::clone(&setting) };
            let (dead, deaths) = mpsc::unbounded_channel();
            let worker = keeper.start(&dead).await?;
            let (place, worker) = watch::channel(Some(worker));
            tokio::spawn(keeper.replace(place, dead, deaths));
            places.push(Place { worker, under_way: Arc::default() });
        }
        Ok(Self { places, last_key: AtomicU64::new(0) })
    }

    pub(super) fn size(&self) -> usize {
        self.places.len()
    }

    /// Sends a request to a VM. Returns the answer, and a value that ends the stream when it is dropped.
    pub(super) async fn ask(&self, headers: Headers, body: Vec<u8>) -> Result<(Answer, End), String> {
        let idle = self.places.iter().min_by_key(|place| place.under_way.load(Ordering::Relaxed));
        let place = idle.ok_or("there is no VM")?;
        place.under_way.fetch_add(1, Ordering::Relaxed);
        let mut end = End { under_way: Arc::clone(&place.under_way), stream: None };
        let worker = place.worker.clone().wait_for(Option::is_some).await.ok().and_then(|worker| worker.clone());
        let stream = worker.ok_or("there is no VM")?.stream(self.last_key.fetch_add(1, Ordering::Relaxed));
        end.stream = Some(stream.clone());
        let (answer, answered) = oneshot::channel();
        let bodiless = body.is_empty();
        let peer = "127.0.0.1:0".to_owned();
        stream.tell(Event::Request { headers, end: bodiless, peer, properties: Default::default(), answer });
        if !bodiless {
            stream.tell(Event::RequestBody { chunk: body, end: true, done: oneshot::channel().0 });
        }
        let answer = answered.await.map_err(|_| "the module broke off".to_owned())?;
        Ok((answer, end))
    }
}

/// Ends a stream when it is dropped. This has no effect on a stream that has ended already.
pub(super) struct End {
    under_way: Arc<AtomicUsize>,
    stream: Option<Stream>,
}

impl Drop for End {
    fn drop(&mut self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        if let Some(stream) = &self.stream {
            stream.tell(Event::ClientGone);
        }
    }
}

/// Starts the VMs of one place.
struct Keeper {
    module: Module,
    setting: Arc<Setting>,
}

impl Keeper {
    async fn start(&self, dead: &mpsc::UnboundedSender<()>) -> Result<Worker, StartError> {
        let dead = dead.clone();
        let setting = Arc::clone(&self.setting);
        let worker = Worker::start(self.module.clone(), setting, move || {
            // Nobody receives this when the program is ending.
            let _ = dead.send(());
        });
        worker.await
    }

    /// Replaces each VM that dies with a new VM.
    async fn replace(
        self,
        place: watch::Sender<Option<Worker>>,
        dead: mpsc::UnboundedSender<()>,
        mut deaths: mpsc::UnboundedReceiver<()>,
    ) {
        let mut born = Instant::now();
        while deaths.recv().await.is_some() {
            place.send_replace(None);
            if let Some(at) = born.checked_add(BETWEEN_VMS) {
                sleep_until(at).await;
            }
            let worker = loop {
                match self.start(&dead).await {
                    Ok(worker) => break worker,
                    Err(error) => tell(&format!("no new VM can be started: {error}")),
                }
                sleep(BETWEEN_VMS).await;
            };
            born = Instant::now();
            tell("a new VM plays in its place");
            place.send_replace(Some(worker));
        }
    }
}
