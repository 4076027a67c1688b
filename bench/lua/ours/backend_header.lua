local r = request.load()
r:headers('X-Backend', 'lua ' .. r:method())
