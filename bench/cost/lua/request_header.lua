local r = request.load()
r:headers('X-From-Lua', '1234')
