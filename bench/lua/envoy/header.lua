function envoy_on_request(handle)
  local headers = handle:headers()
  headers:replace('x-from', 'lua ' .. headers:get(':method'))
end
