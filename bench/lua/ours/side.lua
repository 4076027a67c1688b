local side = http_response.new('http://backend/side')
request.load():headers('X-From', 'lua ' .. side:statusCode())
side:close()
