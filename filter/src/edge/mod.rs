//! The proxy-wasm edge: Envoy's callbacks become [`Input`](crate::pipeline::Input)s, [`Output`](crate::pipeline::Output)s
//! become hostcalls. It decides nothing about KrakenD.

mod delivery;
mod hostcalls;
mod logger;
mod messages;
mod metrics;
mod observer;
mod pairs;
mod root;
mod stream;
mod watch;

use proxy_wasm::traits::RootContext;

proxy_wasm::main! {{
    logger::install();
    proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> { Box::new(root::Root::new()) });
}}
