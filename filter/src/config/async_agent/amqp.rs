//! `async/amqp` of an agent: the queue of a RabbitMQ that the agent consumes. Knows the keys of KrakenD's driver, and speaks no
//! AMQP.

use crate::config::migration;
use crate::config::notices::Notices;
use crate::config::reader::{Node, Result, quoted};
use crate::http::without_credentials;

/// How a queue is declared and consumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amqp {
    /// The server, with its credentials: `amqp://user:password@host:5672/vhost`, or `amqps://...`.
    pub host: String,
    /// The name of the queue; empty if the server chooses the name.
    pub name: String,
    /// The name of the exchange, whose type is `topic`.
    pub exchange: String,
    /// Whether queue and exchange outlive a restart of the server.
    pub durable: bool,
    /// Whether queue and exchange are deleted when their last user has left.
    pub delete: bool,
    /// Whether this connection alone may use the queue.
    pub exclusive: bool,
    /// Whether the agent goes on without waiting for the server's confirmation.
    pub no_wait: bool,
    /// Whether the queue leaves out messages of the same connection; RabbitMQ ignores this flag.
    pub no_local: bool,
    /// Whether a message counts as done as soon as it has been sent to the agent.
    pub auto_ack: bool,
    /// Whether a message that failed is dropped, and not put back into the queue.
    pub nack_discard: bool,
    /// How many messages may be under way before they are acknowledged; 0 for any number.
    pub prefetch_count: u16,
    /// How many bytes may be under way in the same way; 0 for any number.
    pub prefetch_size: u32,
}

const LIKE: &str = "write it like \"amqp://user:password@host:5672/\"";

pub(super) fn read(node: &Node<'_>, notices: &mut Notices) -> Result<Amqp> {
    notices.check_keys(node, migration::AMQP)?;
    let host = match node.get("host") {
        Some(host) => checked_host(&host)?,
        None => return Err(node.error_at("host", format!("is missing: the server of the queue ({LIKE})"))),
    };
    let exchange = node.text_at("exchange")?.filter(|name| !name.is_empty()).ok_or_else(|| {
        node.error_at("exchange", "is missing: the exchange of type topic from which the queue gets its messages")
    })?;
    if let Some(size) = node.get("prefetch_size").filter(|size| !size.is_idle()) {
        notices.remark(&size, "RabbitMQ refuses a prefetch_size other than 0, and closes the connection".to_owned());
    }
    Ok(Amqp {
        host,
        name: node.text_at("name")?.unwrap_or_default(),
        exchange,
        durable: node.flag_at("durable")?,
        delete: node.flag_at("delete")?,
        exclusive: node.flag_at("exclusive")?,
        no_wait: node.flag_at("no_wait")?,
        no_local: node.flag_at("no_local")?,
        auto_ack: node.flag_at("auto_ack")?,
        nack_discard: node.flag_at("nack_discard")?,
        prefetch_count: count_at(node, "prefetch_count")?,
        prefetch_size: count_at(node, "prefetch_size")?,
    })
}

fn checked_host(node: &Node<'_>) -> Result<String> {
    let text = node.text()?;
    let behind = ["amqp://", "amqps://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let authority = behind.and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
    let name = authority.rsplit_once('@').map_or(authority, |(_, name)| name);
    let is_fit = !name.is_empty() && !text.contains(|letter: char| letter.is_control() || letter == ' ');
    if is_fit {
        return Ok(text.to_owned());
    }
    // The message must not show a password.
    Err(node.error(format!("{} is no address of a queue ({LIKE})", quoted(&without_credentials(text)))))
}

// Reads a number that must fit into AMQP's field.
fn count_at<T: TryFrom<u64> + Default>(node: &Node<'_>, key: &str) -> Result<T> {
    let Some(count) = node.get(key) else { return Ok(T::default()) };
    T::try_from(count.count()?).map_err(|_| count.error("is larger than AMQP can say"))
}
