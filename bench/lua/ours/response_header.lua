local r = response.load()
r:headers('X-Served', 'lua ' .. r:statusCode())
