local c = ctx.load()
c:headers('X-From', 'lua ' .. c:method())
