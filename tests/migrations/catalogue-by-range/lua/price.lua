-- Cents become a price as text.
function price(data)
  local cents = data:get('price_cents')
  data:del('price_cents')
  data:set('price', string.format('%.2f', cents / 100))
end

function kind(name)
  response.load():data():set('kind', name)
end
