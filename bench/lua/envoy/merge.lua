local json = require 'dkjson'

-- Envoy's Lua can wait for one call at a time only.
function envoy_on_request(handle)
  local merged = {}
  for _, path in ipairs { '/part-a', '/part-b', '/part-c' } do
    local _, body = handle:httpCall('backend', { [':method'] = 'GET', [':path'] = path, [':authority'] = 'backend' }, nil, 2000)
    for key, value in pairs(json.decode(body)) do merged[key] = value end
  end
  handle:respond({ [':status'] = '200', ['content-type'] = 'application/json' }, json.encode(merged))
end
