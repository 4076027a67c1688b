//! Fetches a key set by HTTP. If that fails, the reason is one sentence. Knows nothing of keys.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body, Bytes, Incoming};
use hyper_rustls::{ConfigBuilderExt, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// The time limit for an answer, as in the configuration that `bundle` writes.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes that a key set may have.
const LONGEST: usize = 1 << 20;

/// A key set behind a URL.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) url: String,
    /// False with `disable_jwk_security`.
    pub(super) checks_certificate: bool,
    /// A file of authorities that are trusted in place of the well-known authorities.
    pub(super) ca: Option<String>,
}

/// Gives, for scheme and authority of a URL, the scheme and authority to connect to; none: those of the URL.
type Detour = dyn Fn(&str, &str) -> Option<(&'static str, String)> + Send + Sync;

/// The way in which key sets are reached.
#[derive(Clone)]
pub(crate) struct Fetching(Arc<Detour>);

impl Fetching {
    /// Fetches key sets from the hosts that their URLs name.
    pub(crate) fn direct() -> Self {
        Self::by(|_, _| None)
    }

    /// Fetches key sets from other hosts, if the detour names some.
    pub(crate) fn by(detour: impl Fn(&str, &str) -> Option<(&'static str, String)> + Send + Sync + 'static) -> Self {
        Self(Arc::new(detour))
    }

    /// The text of a key set.
    pub(super) async fn fetch(&self, ask: &Ask) -> Result<Vec<u8>, String> {
        let late = |_| format!("no answer within {} seconds", PATIENCE.as_secs());
        tokio::time::timeout(PATIENCE, self.asked(ask)).await.map_err(late)?
    }

    async fn asked(&self, ask: &Ask) -> Result<Vec<u8>, String> {
        let uri: hyper::Uri = ask.url.parse().map_err(|_| "this is no URL".to_owned())?;
        let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let detour = (self.0)(uri.scheme_str().unwrap_or("http"), &authority);
        let uri = match detour {
            Some((scheme, at)) => hyper::Uri::builder().scheme(scheme).authority(at).path_and_query(path).build(),
            None => Ok(uri),
        };
        let uri = uri.map_err(|_| "this is no URL".to_owned())?;
        let request = hyper::Request::get(uri).header("host", authority).header("accept", "application/json");
        let request = request.body(Nothing).map_err(|error| error.to_string())?;
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        let https = HttpsConnectorBuilder::new().with_tls_config(tls(ask)?).https_or_http().enable_http1();
        let client = Client::builder(TokioExecutor::new()).build(https.wrap_connector(http));
        let response = client.request(request).await.map_err(|error| innermost(&error))?;
        if response.status() != hyper::StatusCode::OK {
            return Err(format!("the answer is {}", response.status()));
        }
        whole(response.into_body()).await
    }
}

async fn whole(mut body: Incoming) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    loop {
        let frame = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await;
        match frame {
            None => return Ok(text),
            Some(Err(error)) => return Err(innermost(&error)),
            Some(Ok(frame)) => text.extend_from_slice(frame.data_ref().map_or(&[], Bytes::as_ref)),
        }
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
    }
}

fn tls(ask: &Ask) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    if !ask.checks_certificate {
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider)));
        return Ok(builder.with_no_client_auth());
    }
    let Some(file) = &ask.ca else { return Ok(builder.with_webpki_roots().with_no_client_auth()) };
    let mut roots = RootCertStore::empty();
    let unread = |why: String| format!("the authorities of {file} (jwk_local_ca) cannot be read: {why}");
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unread(error.to_string()))? {
        let certificate = certificate.map_err(|error| unread(error.to_string()))?;
        roots.add(certificate).map_err(|error| unread(error.to_string()))?;
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

// The text of the innermost error: the outer errors repeat the URL.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or(&words).to_lowercase()
}

/// `disable_jwk_security`: accepts every certificate, as the document asks for.
struct Anybody(Arc<CryptoProvider>);

impl fmt::Debug for Anybody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Anybody")
    }
}

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// An empty body.
struct Nothing;

impl Body for Nothing {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(None)
    }
}
