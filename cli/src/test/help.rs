//! The text of `test --help` about test files.

pub(super) const TEXT: &str = r#"Examples:
  lua-modifier test tests
  lua-modifier test tests --filter orders --coverage
  lua-modifier test tests --update            # then look at the differences with git diff
  lua-modifier test tests --junit target/tests.xml --lcov target/scripts.info

A test file is TOML, called SOMETHING.test.toml:

  config = "../krakend.json"       # beside this file; or the configuration itself: [document]
  folder = ".."                    # where its sources are; left out: the working directory, as for KrakenD
  settings = "../settings"         # of a configuration that is a template; so are partials and templates. With one of these
                                   # three, options and variables (FC_ENABLE ...) say nothing about this file
  now = 2026-01-31T09:30:00Z       # when it is, for os.time() and os.date(); left out: --now, else the real time
  seed = 7                         # scripts draw the same random numbers each time; left out: --seed, else others each time
  env = { API_KEY = "of a test" }  # what os.getenv gives, of the names that the configuration lists; left out: what --env says

  [[upstream]]                     # what backends answer in all cases: rules as of `run --upstream`
  path = "/v1/orders/*"
  json = { id = 7 }

  [[case]]
  name = "an order gets a result"
  request = "GET /orders/7"
  headers = { X-Tenant = "blue" }  # and body = "text", or json = { ... }, and now and seed for this case alone
  claims = { sub = "user-1" }      # a token that is verified and says this; or token = "...", verified by the configuration's keys

  [[case.upstream]]                # rules of this case alone, looked at first
  path = "/v1/stock"
  fault = "timeout"

  [case.expect]                    # all of it may be left out
  status = 200
  headers = { Content-Type = "application/json; charset=utf-8", X-Gone = false }
  json_at = { "/id" = 7, "/result" = "success" }    # by JSON pointer
  # json = { ... }                 # the whole body; or as JSON in a text, where TOML lacks null: json = '{"a": null}'
  # body = "text"                  # the whole body as text
  # body_contains = "part"         # or a list of parts
  # endpoint = "/orders/{id}"      # the endpoint that the request meets
  prints = ["looking at 7"]        # all that scripts print
  log = ["no such order"]          # parts of log lines that are no prints
  failure = "nil value"            # part of the message of a script that fails, or calls custom_error

  [[case.expect.backend]]          # every request to a backend, in order; backend = []: none
  method = "GET"
  host = "shop.internal"
  path = "/v1/orders/7"
  headers = { X-Tenant = "blue" }  # and body, json, json_at, body_contains

  [[case.expect.side]]             # every http_response request of scripts, in the same way
  path = "/check"

A case may be a message of a queue instead of a request: it goes through the scripts and backends of an agent (async_agent).

  [[case]]
  name = "an order is booked"
  agent = "orders"
  message = '{"id": 7}'

  [case.expect]                    # acknowledged, backend, side, prints, log, failure
  acknowledged = true              # false: it goes back to its queue; `failure` is part of why

A case without [case.expect] fails; --update writes one. Exit code: 0 all passed, 1 some failed, 2 could not be played."#;
