local r = request.load()
r:headers('X-Proxy', 'lua ' .. r:method())
