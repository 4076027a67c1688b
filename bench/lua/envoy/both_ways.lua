function envoy_on_request(handle)
  local headers = handle:headers()
  local method = headers:get(':method')
  headers:replace('x-from', 'lua ' .. method)
  headers:replace('x-proxy', 'lua ' .. method)
  headers:replace('x-backend', 'lua ' .. method)
end

function envoy_on_response(handle)
  local headers = handle:headers()
  headers:replace('x-served', 'lua ' .. headers:get(':status'))
end
