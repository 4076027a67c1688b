-- What a gateway does to a request besides running a script. It stands behind the script of a job, which may be none.
local script = envoy_on_request

function envoy_on_request(handle)
  if script then script(handle) end
  local headers = handle:headers()
  headers:replace('x-forwarded-host', headers:get(':authority'))
  local address = handle:streamInfo():downstreamRemoteAddress()
  headers:replace('x-forwarded-for', address:match('^(.*):%d+$') or address)
  local name = headers:get('user-agent') and 'x-forwarded-via' or 'user-agent'
  headers:replace(name, 'KrakenD Version 2.7')
  headers:replace(':path', '/1kb')
  headers:replace(':authority', 'backend')
  headers:replace('x-lua-modifier-cluster', 'backend')
  headers:replace('x-envoy-upstream-rq-timeout-ms', '30000')
end

function envoy_on_response(handle)
  handle:headers():replace('x-krakend-completed', 'false')
end
