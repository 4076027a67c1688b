//! `backend/*` and all else that makes a backend of something other than HTTP and JSON; `server/*`, `grpc`, `websocket`.

use super::place::{Namespace, backend, endpoint, service};
use super::row::{Row, by_hand, lost, not_needed};

pub(super) const NAMESPACES: &[Namespace] = &[
    backend(by_hand("backend/http/client", "settings of the backend's cluster and of Envoy's route").explained(CLIENT)),
    backend(by_hand("backend/graphql", "rewrite it in a script of modifier/lua-backend: method(\"POST\"), body with query and variables as JSON, or the query in url(...)")),
    backend(by_hand("backend/soap", "write the envelope in a script of modifier/lua-backend: body(text), headers(\"Content-Type\", ...); read the answer with the encoding string")),
    backend(by_hand("backend/grpc", "Envoy's filter envoy.filters.http.grpc_json_transcoder among the http_filters of the backend's cluster")),
    backend(by_hand("backend/lambda", "Envoy's filter envoy.filters.http.aws_lambda among the http_filters of a cluster for it").explained(&[
        by_hand("function_name", "arn"),
        lost("function_param_name", "one cluster calls one function"),
        by_hand("region", "it is part of arn"),
        by_hand("endpoint", "the address of the cluster"),
        by_hand("max_retries", "retry_policy of Envoy's route"),
    ])),
    backend(by_hand("backend/conditional", "rewrite it in a script of modifier/lua-backend: request.load():url(address) leads elsewhere")),
    backend(by_hand("backend/static-filesystem", FILES)),
    backend(by_hand("workflow", "rewrite it in a script: http_response.new and http_response.all in modifier/lua-proxy")),
    backend(lost("backend/amqp/consumer", QUEUE)),
    backend(lost("backend/amqp/producer", QUEUE)),
    backend(lost("backend/pubsub/publisher", QUEUE)),
    backend(lost("backend/pubsub/subscriber", QUEUE)),
    backend(lost("backend/pubsub/publisher/kafka", QUEUE)),
    backend(lost("backend/pubsub/subscriber/kafka", QUEUE)),
    service(by_hand("server/static-filesystem", FILES)),
    service(by_hand("server/virtualhost", "virtual_hosts in Envoy's route_config, each with its domains").explained(&[
        by_hand("hosts", "domains"),
        by_hand("aliased_hosts", "domains of one virtual host"),
    ])),
    service(by_hand("grpc", "routes of Envoy's own to the gRPC services, in front of this API's route")),
    endpoint(by_hand("websocket", "make it a no-op endpoint that lets Connection, Upgrade and Sec-WebSocket-... in, and bundle with --websocket").explained(&[
        by_hand("enable_direct_communication", "there is no other way here"),
        by_hand("input_headers", "input_headers of the endpoint"),
        by_hand("subprotocols", "the client and the backend agree on one"),
        not_needed("ping_period", "frames pass as they are"),
        not_needed("pong_wait", "frames pass as they are"),
        not_needed("max_message_size", "frames pass as they are"),
        not_needed("message_buffer_size", "frames pass as they are"),
        not_needed("read_buffer_size", "frames pass as they are"),
        not_needed("write_buffer_size", "frames pass as they are"),
        lost("connect_event", "the backend sees clients come and go by themselves"),
        lost("disconnect_event", "the backend sees clients come and go by themselves"),
    ])),
];

const FILES: &str = "a server of files behind Envoy, as a cluster of its own";
const QUEUE: &str = "Envoy speaks no queue's protocol here: a service between has to, with HTTP on this side";

const CLIENT: &[Row] = &[
    by_hand("client_tls", "transport_socket of the backend's cluster"),
    lost("no_redirect", "redirects are followed; a script in \"post\" of a no-op endpoint sees where they end"),
    lost("send_body_on_redirect", "a body that has been sent is not sent again"),
    by_hand("proxy_address", "a cluster for the proxy, named in clusters of extra_config[\"envoy/lua-modifier\"]"),
];
