-- `pre` and `post` of a block share their globals.
function remember(r)
  customer = r:url():match('customer=([%w-]+)')
end

function add_up(r)
  local orders, total = r:data():get('orders'), 0
  for at = 0, orders:len() - 1 do
    total = total + orders:get(at):get('total')
  end
  r:data():set('total', total)
  local mail = http_response.new('http://mail.internal:8080/boxes/' .. customer)
  if mail:statusCode() == 200 then
    r:data():set('mail', mail:body())
  end
end
