local words = dofile('/etc/krakend/lua/lib/words.lua')

function people(r)
  local data = r:data()
  data:set('mail', words.masked(data:get('mail')))
  local roles = luaList.new()
  for place, role in ipairs(words.split(data:get('roles'))) do
    roles:set(place - 1, role)
  end
  data:set('roles', roles)
end
