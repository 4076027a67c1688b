local r = ctx.load()
r:headers('X-From-Lua', '1234')
