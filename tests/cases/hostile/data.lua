-- The objects of the gateway: tables and lists that are deep, endless, huge, or in each other.

--- tables-nested-a-thousand-levels = 500 
local t = {}
for i = 1, 1000 do t = {t = t} end
response.load():data():set('t', t)

--- tables-nested-nine-hundred-levels = 200 "t":{"t":
local t = {a = 1}
for i = 1, 900 do t = {t = t} end
response.load():data():set('t', t)

--- table-that-contains-itself = 500 contains itself
local t = {}
t.t = t
response.load():data():set('t', t)

--- tables-that-contain-each-other = 500 contains itself
local a, b = {}, {}
a.b, b.a = b, a
response.load():data():set('t', a)

--- tables-twice-in-each-other = 500 (limits.
local t = {1}
for i = 1, 64 do t = {t, t} end
response.load():data():set('t', t)

--- lua-table-in-itself = 500 
local t = luaTable.new()
t:set('t', t)
response.load():data():set('t', t)

--- data-in-itself = 500 
local d = response.load():data()
d:set('d', d)

--- list-in-itself = 200 {"l":[[]]}
local l = luaList.new()
l:set(0, l)
response.load():data():set('l', l)

--- circle-of-lists-and-tables = 500 
local l, t = luaList.new(), luaTable.new()
t:set('l', l); l:set(0, t); l:set(1, l); t:set('t', t)
response.load():data():set('t', t)

--- circle-that-is-dropped = 200 done
for i = 1, 1000 do
  local a, b = luaTable.new(), luaTable.new()
  a:set('b', b); b:set('a', a)
end
response.load():data():set('came', 'done')

--- lua-tables-twice-in-each-other = 500 
local t = luaTable.new()
t:set('x', 1)
for i = 1, 64 do local u = luaTable.new(); u:set('a', t); u:set('b', t); t = u end
response.load():data():set('t', t)

--- chain-of-a-hundred-thousand = 500 
local t = luaTable.new()
for i = 1, 100000 do local u = luaTable.new(); u:set('t', t); t = u end
response.load():data():set('t', t)

--- chain-of-lists-that-is-dropped = 200 done
local t = luaList.new()
for i = 1, 50000 do local u = luaList.new(); u:set(0, t); t = u end
t = nil
response.load():data():set('came', 'done')

--- data-without-end = 500 (limits.memory_bytes)
local d = response.load():data()
for i = 1, 1e9 do d:set('k' .. i, 'v') end

--- long-strings-without-end = 500 (limits.memory_bytes)
local d = response.load():data()
for i = 1, 1e9 do d:set('k' .. i, ('v'):rep(100000)) end

--- list-of-a-quintillion = 200 {}
luaList.new():set(1e18, 1)

--- list-at-odd-places = 200 done
local l = luaList.new()
for _, index in ipairs{-1, 0.5, -0.0, 0/0, 1/0, -1/0, 2^63} do pcall(l.set, l, index, 1); pcall(l.get, l, index); pcall(l.del, l, index) end
response.load():data():set('came', 'done')

--- list-deleted-from-the-front = 500 (limits.instructions)
local l = luaList.new()
l:set(500000, 1)
while true do l:del(0); l:set(499999, 1) end

--- keys-over-and-over = 500 (limits.
local d = response.load():data()
for i = 1, 50000 do d:set('k' .. i, 1) end
while true do d:keys() end

--- numbers-that-are-none = 500 
response.load():data():set('n', {1, 0/0})

--- infinity = 500 
response.load():data():set('n', 1/0)

--- keys-that-are-no-text = 200 done
local d = response.load():data()
d:set('\255\0', '\255\0'); d:set('', ''); d:set('\r\n', '\u{2028}')
d:set('came', {[true] = 1, [print] = 2, [0.5] = 3, [{}] = 4, done = 5})

--- methods-with-odd-arguments = 200 done
local d, l = response.load():data(), luaList.new()
for _, object in ipairs{d, l, response.load(), request.load(), luaTable.new(), luaNil.new()} do
  for _, method in ipairs{'get', 'set', 'del', 'len', 'keys', 'keyExists', 'headers', 'headerList', 'body', 'params', 'data'} do
    local f = object[method]
    for _, value in ipairs{false, 0/0, -1, '', '\0', ('x'):rep(300), {}, print, d, l, newproxy()} do
      if f then
        pcall(f, object); pcall(f, object, value); pcall(f, object, value, value); pcall(f, object, nil, value)
        pcall(f, value, object, value); pcall(f, nil)
      end
    end
  end
end
luaTable.new(1, 2, 3)
local out = response.load()
out:headers('content-type', 'application/json')
d:set('came', 'done')

--- metatables-in-what-is-set = 200 done
local t = setmetatable({}, {__index = function() while true do end end, __pairs = function() while true do end end,
  __len = function() while true do end end})
response.load():data():set('t', t)
response.load():data():set('came', 'done')

--- reply-nested-five-thousand-levels from /deep = 500 deeper than 1000 levels
response.load():data():set('came', 'done')

--- reply-nested-a-thousand-levels from /levels = 200 [[[[[[[[
local v, n = response.load():data():get('l'), 0
while type(v) == 'userdata' and v:len() > 0 do v = v:get(0); n = n + 1 end
assert(n > 900, n)

--- reply-of-megabytes from /large = 500 
response.load():data():set('came', 'done')

--- reply-that-is-garbage from /garbage = 500 
response.load():data():set('came', 'done')

--- reply-that-breaks-off from /close = 500 
response.load():data():set('came', 'done')

--- reply-with-many-fields from /fields = 200 done
local d = response.load():data()
for i = 1, 5 do d:keys():len() end
d:set('came', 'done')
