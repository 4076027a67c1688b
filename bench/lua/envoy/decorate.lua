local json = require 'dkjson'

function envoy_on_response(handle)
  local body = handle:body()
  local data = json.decode(body:getBytes(0, body:length()))
  data.decorated = true
  data.by = 'lua from ' .. data.source
  handle:headers():replace('content-length', body:setBytes(json.encode(data)))
end
