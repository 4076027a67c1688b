//! Side requests to addresses that are written in the script: whether they are addresses, and whether anything tells which of
//! Envoy's clusters serves them.

use std::rc::Rc;

use super::{Remarks, Use};
use crate::check::finding::Level;
use crate::check::lua::Hosts;
use crate::check::lua::scene::Scene;
use crate::lua::tree::{Expr, What};

pub(super) fn look(scene: &Scene<'_>, hosts: &Hosts, at: Use<'_>, remarks: &mut Remarks) {
    let What::Call(of, arguments) = &at.expr.what else { return };
    let Some(("http_response", name)) = of.global_field().filter(|(object, _)| scene.is_original(object)) else {
        return;
    };
    match (name, arguments.first()) {
        ("new", Some(url)) => address(hosts, url, remarks),
        ("all", Some(list)) => {
            let What::Table(items) = &list.what else { return };
            for (_, item) in items {
                match &item.what {
                    What::Table(request) => {
                        request.first().into_iter().for_each(|(_, url)| address(hosts, url, remarks))
                    }
                    _ => address(hosts, item, remarks),
                }
            }
        }
        _ => {}
    }
}

fn address(hosts: &Hosts, url: &Rc<Expr>, remarks: &mut Remarks) {
    let Some((text, whole)) = url.beginning() else { return };
    let authority = |rest: &str| rest.split_once(['/', '?', '#']).map(|(authority, _)| authority.to_owned());
    let split =
        text.split_once("://").filter(|(scheme, _)| matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https"));
    let Some((scheme, rest)) = split else {
        let could_grow =
            !whole && ["http://", "https://"].iter().any(|start| start.starts_with(&text.to_ascii_lowercase()));
        if !could_grow {
            let message = "a side request needs a whole address".to_owned();
            let help = "write it like \"http://host:port/path\"".to_owned();
            remarks.add("side-request-url", Level::Error, &url.span, message, Some(help));
        }
        return;
    };
    // The end of the host is known if another part follows, or if the address ends there.
    let Some(authority) = authority(rest).or_else(|| whole.then(|| rest.to_owned())) else { return };
    if let Some(cluster) = hosts.unnamed(scheme, &authority) {
        // A report must not show credentials.
        let authority = authority.rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
        let message =
            format!("nothing names a cluster for {scheme}://{authority}: Envoy needs one that is called {cluster:?}");
        let help = "name one in extra_config[\"envoy/lua-modifier\"].clusters, or set default_cluster".to_owned();
        remarks.add("side-request-cluster", Level::Note, &url.span, message, Some(help));
    }
}
