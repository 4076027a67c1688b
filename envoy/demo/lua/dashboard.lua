-- Counts and adds up one backend's list: runs for that backend alone, after its "group" and before the merge.
function summarise_orders(resp)
  local data = resp:data():get("orders")
  local orders = data:get("collection")
  local total = 0
  for i = 0, orders:len() - 1 do
    total = total + orders:get(i):get("amount")
  end
  data:set("count", orders:len())
  data:set("total", total)
  data:del("collection")
end

-- Runs after the merge, and sees what all backends brought.
function greet(resp)
  local data = resp:data()
  local user, orders = data:get("user"), data:get("orders")
  data:set("greeting",
    "Hello " .. user:get("name") .. ", your " .. orders:get("count") .. " orders cost " .. orders:get("total"))
end
