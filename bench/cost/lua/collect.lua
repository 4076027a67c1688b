local d = response.load():data()
local col = d:get('collection')
local size = col:len()
d:set('total', size)
local paths = {}
for i = 0, size - 1 do
  local e = col:get(i)
  table.insert(paths, e:get('path'))
end
d:set('paths', paths)
d:del('collection')
