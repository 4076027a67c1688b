//! Log lines, the host's log level, and the time of day.

use std::time::Duration;

use wasmtime::Linker;

use super::{Guest, Outcome, provide};
use crate::abi::{LogLevel, Status};
use crate::host::{Host, Tick};
use crate::trace::Event;

pub(super) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    provide! { linker;
        "proxy_log" => log, (level: u32, at: u32, size: u32);
        "proxy_get_log_level" => level, (result: u32);
        "proxy_get_current_time_nanoseconds" => now, (result: u32);
        "proxy_set_tick_period_milliseconds" => set_tick, (period: u32);
    }
    Ok(())
}

fn log(guest: &mut Guest<'_>, level: u32, at: u32, size: u32) -> Outcome {
    let level = LogLevel::from_abi(level).ok_or(Status::BadArgument)?;
    let message = guest.text(at, size)?;
    guest.host().note(Event::Log { level, message });
    Ok(())
}

fn level(guest: &mut Guest<'_>, result: u32) -> Outcome {
    let level = guest.host().settings.log_level as u32;
    Ok(guest.write_number(result, level)?)
}

fn now(guest: &mut Guest<'_>, result: u32) -> Outcome {
    let now = guest.host().now().as_nanos() as u64;
    Ok(guest.write(result, &now.to_le_bytes())?)
}

/// A period of 0 stops the ticks.
fn set_tick(guest: &mut Guest<'_>, period: u32) -> Outcome {
    let host = guest.host();
    let period = Duration::from_millis(period.into());
    host.tick = (!period.is_zero()).then(|| Tick { period, next: host.elapsed.saturating_add(period) });
    Ok(())
}
