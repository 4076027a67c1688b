//! The meaning of a backend's response in KrakenD: data, an error, or, with no-op, the response itself.

use super::leg::Outcome;
use crate::bindings::{Payload, ProxyResponse};
use crate::config::{Backend, Encoding, Endpoint};
use crate::data::{Number, Str, Table, Value};
use crate::http::{Body, Headers, Response, Url, names};
use crate::pipeline::failure::Failure;
use crate::pipeline::format::{DecodeError, apply_expression, decode_within, inflate};
use crate::pipeline::program::BackendPlan;

/// Bodies up to this length may wait until their content type has been guessed; larger ones stream on without one.
const MOST_BYTES_TO_GUESS_FROM: u64 = 64 << 10;

/// Is the body of this response needed before the response can be judged?
pub(super) fn needs_body(backend: &Backend, response: &Response) -> bool {
    response.body == Body::Unread && (backend.encoding != Encoding::NoOp || wants_a_content_type(&response.headers))
}

// Go's server reads the first bytes of a body that has no content type.
fn wants_a_content_type(headers: &Headers) -> bool {
    let length = || headers.get_str(names::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    !headers.contains(names::CONTENT_TYPE) && length().is_some_and(|length| length <= MOST_BYTES_TO_GUESS_FROM)
}

/// Reads a response as KrakenD does: as data, as an error, or, with no-op, as itself.
pub(super) fn receive(
    response: Response,
    url: &Url,
    backend: &Backend,
    plan: &BackendPlan,
    limit: u64,
) -> Result<ProxyResponse, Failure> {
    if u64::try_from(response.body.bytes().len()).is_ok_and(|length| length > limit) {
        return Err(Failure::TooLarge { of_request: false, limit });
    }
    if backend.encoding == Encoding::NoOp {
        let payload = Payload::new(response.body);
        let status = i64::from(response.status);
        let headers = response.headers;
        return Ok(ProxyResponse { complete: true, status, headers, payload, ..ProxyResponse::empty() });
    }
    if !matches!(response.status, 200 | 201) {
        return unexpected_status(&response, url, backend);
    }
    let body = inflate(response, limit)?;
    let size = body.len();
    let data = decode_within(limit, backend.encoding, backend.is_collection, body).map_err(|error| match error {
        DecodeError::TooLarge { limit } => Failure::TooLarge { of_request: false, limit },
        error => Failure::Upstream { message: error.to_string() },
    })?;
    let data = match &plan.formatter {
        Some(formatter) => formatter.apply(data, limit.saturating_mul(2))?,
        None => data,
    };
    Ok(ProxyResponse { data: data.into(), complete: true, size, ..ProxyResponse::empty() })
}

fn unexpected_status(response: &Response, url: &Url, backend: &Backend) -> Result<ProxyResponse, Failure> {
    let body = String::from_utf8_lossy(response.body.bytes()).into_owned();
    let content_type = response.headers.get_str(names::CONTENT_TYPE).unwrap_or_default().to_owned();
    if let Some(name) = &backend.return_error_details {
        let error = Table::new();
        let text = |text: &str| Value::String(Str::from(text));
        error.set(Str::from("http_status_code"), Value::Number(Number::Int(i64::from(response.status))));
        if !body.is_empty() {
            error.set(Str::from("http_body"), text(&body));
        }
        if !content_type.is_empty() {
            error.set(Str::from("http_body_encoding"), text(&content_type));
        }
        let data = Table::new();
        data.set(Str::from(format!("error_{name}")), Value::Table(error.clone()));
        let named_errors = vec![(error, name.clone())];
        let (data, status) = (data.into(), i64::from(response.status));
        return Ok(ProxyResponse { data, status, named_errors, ..ProxyResponse::empty() });
    }
    if backend.return_error_code {
        return Err(Failure::Returned { status: response.status, body, content_type });
    }
    let (status, method, pattern) = (response.status, &backend.method, &backend.url_pattern.printed);
    Err(Failure::Status { message: format!("invalid status code {status} [{method} {pattern}]: {url}") })
}

/// Applies the backend's `modifier/jmespath` to the data, after its scripts.
pub(super) fn queried(endpoint: &Endpoint, backend: &Backend, outcome: Outcome) -> Outcome {
    let response = outcome?;
    if let Some(expression) = &backend.jmespath
        && backend.encoding != Encoding::NoOp
    {
        let data = apply_expression(expression, response.borrow().data.table(), &endpoint.limits)?;
        response.borrow_mut().data = data.into();
    }
    Ok(response)
}
