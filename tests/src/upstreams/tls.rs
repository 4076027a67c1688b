//! An upstream that speaks TLS, with a certificate from an authority of the test's own. Answers every request with
//! `{"tls": true}`.

use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use super::RawAnswer;
use crate::wire::http1::Head;

/// An authority that signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A server that lives as long as the test's process.
pub struct TlsServer {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    names: Vec<String>,
    faults: Vec<rustls::Error>,
}

impl Authority {
    /// A new authority, which no client trusts yet.
    #[allow(clippy::new_without_default, reason = "each is another")]
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "an authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// The authority's own certificate, for clients that should trust it.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Starts a server that has a certificate for this name.
    pub fn serve(&self, name: &str) -> TlsServer {
        self.serve_with(name, rustls::DEFAULT_VERSIONS)
    }

    /// The same, but the server knows only these versions.
    pub fn serve_with(&self, name: &str, versions: &[&'static SupportedProtocolVersion]) -> TlsServer {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name); // the authority's name would make it look self-signed
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_protocol_versions(versions).with_no_client_auth();
        TlsServer::start(config.with_single_cert(vec![certificate.der().clone()], key).unwrap())
    }
}

impl TlsServer {
    fn start(config: ServerConfig) -> Self {
        let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let noted = Arc::clone(&seen);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (config, noted) = (Arc::clone(&config), Arc::clone(&noted));
                thread::spawn(move || {
                    let fault = serve(connection, config, &noted).err();
                    let fault = fault.and_then(|fault| fault.get_ref()?.downcast_ref::<rustls::Error>().cloned());
                    noted.lock().unwrap().faults.extend(fault);
                });
            }
        });
        Self { address, seen }
    }

    /// Its `host:port`.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// The server name in the client's handshake, for each request.
    pub fn called(&self) -> Vec<String> {
        self.seen.lock().unwrap().names.clone()
    }

    /// The errors of failed handshakes.
    pub fn faults(&self) -> Vec<rustls::Error> {
        self.seen.lock().unwrap().faults.clone()
    }
}

fn serve(connection: TcpStream, config: Arc<ServerConfig>, seen: &Mutex<Seen>) -> io::Result<()> {
    let session = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(session, connection));
    while Head::read(&mut stream)?.is_some() {
        let name = stream.get_ref().conn.server_name().unwrap_or_default().to_owned();
        seen.lock().unwrap().names.push(name);
        stream.get_mut().write_all(&RawAnswer::json("{\"tls\": true}").bytes)?;
        stream.get_mut().flush()?;
    }
    Ok(())
}
