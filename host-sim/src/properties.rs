//! The values that `get_property` finds: the driver's, then the module's own, then Envoy's attributes that follow from the
//! stream. As in Envoy, numbers are eight bytes, little-endian.

use crate::headers::Headers;
use crate::host::Host;

impl Host {
    pub(crate) fn property(&mut self, path: &str) -> Option<Vec<u8>> {
        let settings = &self.settings;
        if let Some(value) = settings.properties.get(path) {
            return Some(value.clone());
        }
        match path {
            "plugin_name" => return Some(settings.plugin_name.clone().into()),
            "plugin_root_id" => return Some(settings.root_id.clone().into()),
            "plugin_vm_id" => return Some(settings.vm_id.clone().into()),
            _ => {}
        }
        let (_, stream) = self.stream()?;
        if let Some(value) = stream.properties.get(path) {
            return Some(value.clone());
        }
        let (of, name) = path.split_once('.')?;
        match of {
            "request" => request(&stream.request.headers, name),
            "response" => match name {
                "code_details" => stream.details.clone().map(Into::into),
                _ if !stream.response.arrived => None,
                "code" => Some(i64::from(stream.response.headers.status()).to_le_bytes().into()),
                _ => header(&stream.response.headers, name.strip_prefix("headers.")?),
            },
            _ => None,
        }
    }
}

fn request(headers: &Headers, name: &str) -> Option<Vec<u8>> {
    match name {
        "path" => header(headers, ":path"),
        "url_path" => {
            header(headers, ":path").map(|path| path.split(|byte| *byte == b'?').next().unwrap_or_default().to_vec())
        }
        "query" => header(headers, ":path").map(|path| {
            let mut parts = path.splitn(2, |byte| *byte == b'?');
            parts.nth(1).unwrap_or_default().to_vec()
        }),
        "method" => header(headers, ":method"),
        "host" => header(headers, ":authority"),
        "scheme" => header(headers, ":scheme"),
        "useragent" => header(headers, "user-agent"),
        "referer" => header(headers, "referer"),
        "id" => header(headers, "x-request-id"),
        "protocol" => Some(b"HTTP/1.1".to_vec()),
        _ => header(headers, name.strip_prefix("headers.")?),
    }
}

fn header(headers: &Headers, name: &str) -> Option<Vec<u8>> {
    headers.bytes(name).map(<[u8]>::to_vec)
}
