local data = response.load():data()
data:set('decorated', true)
data:set('by', 'lua from ' .. data:get('source'))
