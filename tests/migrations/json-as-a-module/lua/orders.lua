package.path = package.path .. ';lua/lib/?.lua'
local json = require('json')

function count_pieces(r)
  local read, order = pcall(json.read, r:body())
  if not read then
    custom_error('this is no JSON: ' .. tostring(order), 400)
  end
  local pieces = 0
  for _, item in ipairs(order.items) do
    pieces = pieces + item.count
  end
  order.pieces = pieces
  r:body(json.write(order))
end
