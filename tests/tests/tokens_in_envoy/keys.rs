//! Keys behind a URL: a server that cannot be reached when Envoy starts, or later, and keys that change.

use serde_json::json;
use tests::cases::ClientRequest;
use tests::machine::{Folder, eventually};
use tests::signers::{Signer, key_set};
use tests::wire::client::send;

use crate::setting::{Behind, ENVOYS, KeyServer, bundle, endpoint, start};

#[test]
fn keys_are_waited_for_and_followed() {
    for envoy in ENVOYS {
        let (behind, keys) = (Behind::start(), KeyServer::start());
        let (old, new) = (Signer::new("RS256", 0, "old"), Signer::new("RS256", 1, "new"));
        let folder = Folder::default();
        let block = json!({
            "alg": "RS256", "jwk_url": keys.url(), "disable_jwk_security": true, "cache": true, "cache_duration": 1,
        });
        let document = json!({"version": 3, "endpoints": [
            endpoint("/t", &behind.authority(), "/t", Some(block)),
            endpoint("/open", &behind.authority(), "/open", None),
        ]});
        let (_running, port) = start(envoy, &folder, &bundle(&folder, &document));
        let status = |path: &str, token: Option<&Signer>| {
            let mut request = ClientRequest::new("GET", path);
            if let Some(signer) = token {
                let token = signer.token(&json!({"sub": "user-1", "exp": 4_102_444_800_u64}));
                request = request.header("Authorization", &format!("Bearer {token}"));
            }
            send(port, &request).map(|response| response.status)
        };
        // Without keys every token is refused, and an endpoint that asks for no token is served.
        assert_eq!(status("/t", Some(&old)), Ok(401), "{envoy}");
        assert_eq!(status("/t", None), Ok(401), "{envoy}");
        assert_eq!(status("/open", Some(&old)), Ok(200), "{envoy}");
        assert!(behind.take().iter().all(|asked| asked.path == "/open"), "{envoy}");

        keys.give(Some("<html>no keys</html>".to_owned()));
        assert_eq!(status("/t", Some(&old)), Ok(401), "{envoy}");
        keys.give(Some(key_set(&[&old])));
        eventually("keys are fetched once they are there", || status("/t", Some(&old)) == Ok(200));
        assert_eq!(status("/t", Some(&new)), Ok(401), "{envoy}");

        // A new key beside the old key, then without it.
        keys.give(Some(key_set(&[&old, &new])));
        eventually("a new key is found", || status("/t", Some(&new)) == Ok(200));
        assert_eq!(status("/t", Some(&old)), Ok(200), "{envoy}");
        keys.give(Some(key_set(&[&new])));
        // Connections are spread over the workers, and each worker forgets a key by itself.
        eventually("an old key is forgotten", || (0..20).all(|_| status("/t", Some(&old)) == Ok(401)));

        // Known keys stay valid while their server is absent; all others are refused.
        keys.give(None);
        assert_eq!(status("/t", Some(&new)), Ok(200), "{envoy}");
        assert_eq!(status("/t", Some(&old)), Ok(401), "{envoy}");
        assert_eq!(status("/t", None), Ok(401), "{envoy}");
    }
}
