local json = require 'dkjson'

function envoy_on_response(handle)
  local body = handle:body()
  local data = json.decode(body:getBytes(0, body:length()))
  local collection = data.collection
  data.total = #collection
  local paths = {}
  for i = 1, #collection do
    table.insert(paths, collection[i].path)
  end
  data.paths = paths
  data.collection = nil
  handle:headers():replace('content-length', body:setBytes(json.encode(data)))
end
