function envoy_on_request(handle)
  local headers = handle:httpCall('backend', { [':method'] = 'GET', [':path'] = '/side', [':authority'] = 'backend' }, nil, 2000)
  handle:headers():replace('x-from', 'lua ' .. headers[':status'])
end
