//! Compares the ABI's numbers in this folder with the SDK's whenever the wasm build is linted.

use proxy_wasm::types::{Action, BufferType, LogLevel, MapType, MetricType, StreamType};

use super::exports::{body_status, headers_status};
use super::hostcalls::{Buffer, Map, level_number, metric_number, stream_number};
use crate::envoy::{BodyAnswer, Direction, HeadersAnswer, MetricKind};

const _: () = {
    assert!(Map::Request as u32 == MapType::HttpRequestHeaders as u32);
    assert!(Map::Response as u32 == MapType::HttpResponseHeaders as u32);
    assert!(Map::CallReply as u32 == MapType::HttpCallResponseHeaders as u32);
    assert!(Buffer::RequestBody as u32 == BufferType::HttpRequestBody as u32);
    assert!(Buffer::ResponseBody as u32 == BufferType::HttpResponseBody as u32);
    assert!(Buffer::CallReplyBody as u32 == BufferType::HttpCallResponseBody as u32);
    assert!(Buffer::PluginConfiguration as u32 == BufferType::PluginConfiguration as u32);
    assert!(stream_number(Direction::Request) == StreamType::HttpRequest as u32);
    assert!(stream_number(Direction::Response) == StreamType::HttpResponse as u32);
    assert!(metric_number(MetricKind::Counter) == MetricType::Counter as u32);
    assert!(metric_number(MetricKind::Gauge) == MetricType::Gauge as u32);
    assert!(metric_number(MetricKind::Histogram) == MetricType::Histogram as u32);
    assert!(level_number(log::Level::Trace) == LogLevel::Trace as u32);
    assert!(level_number(log::Level::Error) == LogLevel::Error as u32);
    assert!(headers_status(Some(HeadersAnswer::GoOn)) == Action::Continue as u32);
    assert!(headers_status(Some(HeadersAnswer::Hold)) == Action::Pause as u32);
    assert!(body_status(Some(BodyAnswer::GoOn)) == Action::Continue as u32);
    assert!(body_status(Some(BodyAnswer::Hold)) == Action::Pause as u32);
};
