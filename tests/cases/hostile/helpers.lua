-- Helpers at work on far too much, and on what is made to break them.

--- base64-of-ten-megabytes = 500 (limits.
local s = ('x'):rep(10000000)
base64.decode(base64.encode(s))

--- base64-of-ten-megabytes-with-room = 200
--- limits {"memory_bytes": 200000000}
local s = ('x'):rep(10000000)
assert(base64.decode(base64.encode(s)) == s)

--- base64-in-a-loop = 500 (limits.instructions)
local s = ('x'):rep(1000000)
while true do pcall(base64.encode, s) end

--- base64-that-grows = 500 (limits.
local s = 'x'
for i = 1, 100 do s = base64.encode(s) end

--- base64-of-anything = 200
local s = {}
for i = 0, 255 do s[#s + 1] = string.char(i) end
s = table.concat(s)
for i = 1, #s do pcall(base64.decode, s:sub(i)) pcall(base64.decode, s:sub(i), 'url') end
assert(base64.decode(base64.encode(s)) == s)

--- hash-of-ten-megabytes-again = 500 (limits.instructions)
local s = ('x'):rep(10000000)
while true do pcall(hash.sha512, s) end

--- hash-with-a-key-of-ten-megabytes = 500 (limits.
local s = ('x'):rep(10000000)
for i = 1, 3 do hash.hmac_sha256(s, s) end

--- hash-takes-its-time = 500 (limits.time_ms)
--- limits {"time_ms": 20, "instructions": 100000000000, "memory_bytes": 100000000}
local s = ('x'):rep(10000000)
for i = 1, 1000 do hash.sha512(s) end

--- json-of-ten-megabytes = 500 (limits.
--- limits {"memory_bytes": 100000000}
json.unmarshal('[' .. ('1,'):rep(5000000) .. '1]')

--- json-text-of-ten-megabytes = 500 (limits.
json.marshal(('<'):rep(10000000))

--- json-of-many-small-texts = 500 (limits.
while true do json.unmarshal('{"a":[1,2,{"b":"c"}]}') end

--- json-nested-a-million-times = 500 (limits.memory_bytes)
json.unmarshal(('['):rep(1000000))

--- json-nested-a-million-times-with-room = 500 nested deeper than 1000 levels
--- limits {"memory_bytes": 200000000}
json.unmarshal(('['):rep(1000000))

--- json-objects-nested-too-deep = 500 nested deeper than 1000 levels
json.unmarshal(('{"a":'):rep(10000))

--- json-nested-as-deep-as-it-may = 200
local deep = ('['):rep(1000) .. (']'):rep(1000)
assert(json.marshal(json.unmarshal(deep)) == deep)

--- json-nested-inside-calls-of-c = 200
local deep = ('{"a":'):rep(1000) .. '1' .. ('}'):rep(1000)
local function inside(n)
  if n == 0 then return json.marshal(json.unmarshal(deep)) == deep end
  local inner
  string.gsub('x', 'x', function() inner = inside(n - 1) end)
  return inner
end
assert(inside(50))

--- json-tables-nested-a-million-times = 500
local t = {}
for i = 1, 1000000 do t = { t } end
json.marshal(t)

--- json-of-a-table-in-itself = 500 contains itself
local t = {}
t[1], t[2] = t, t
json.marshal(t)

--- json-of-tables-that-double = 500 (limits.
local t = {}
for i = 1, 60 do t = { t, t } end
json.marshal(t)

--- json-of-a-lua-table-in-itself = 500 contain itself
local t, l = luaTable.new(), luaList.new()
t:set('l', l) l:set(0, t) t:set('l', l)
json.marshal(t)

--- json-of-lua-tables-that-double = 500 (limits.body_bytes)
local t = luaTable.new()
for i = 1, 60 do local u = luaTable.new() u:set('a', t) u:set('b', t) t = u end
json.marshal(t)

--- json-of-nan = 500 NaN
json.marshal({ a = { 0 / 0 } })

--- json-that-is-no-utf-8 = 200
local t = json.unmarshal('{"\255\254":"\192\128\237\160\128"}')
assert(json.marshal(t) == '{"\239\191\189\239\191\189":"\239\191\189\239\191\189\239\191\189\239\191\189\239\191\189"}')
pcall(json.unmarshal, '\255\254{}')
for i = 128, 255 do pcall(json.unmarshal, string.char(i)) end

--- json-of-huge-numbers = 200
assert(#json.marshal(json.unmarshal('[' .. ('9'):rep(100000) .. ']')) == 100002)
pcall(json.unmarshal, ('9'):rep(100000))
pcall(json.marshal, json.unmarshal('1e999999999'))
assert(json.unmarshal('[1e999]'):get(0) == json.unmarshal('1e999'))

--- json-in-a-circle-through-itself = 200
for i = 1, 100 do
  local t = json.unmarshal('{"a":[{}]}')
  t:get('a'):set(0, t)
  pcall(json.marshal, t)
end

--- format-of-a-megabyte = 500 (limits.
time.format(0, ('%c'):rep(1000000))

--- format-in-a-loop = 500 (limits.instructions)
local format = ('%c'):rep(1000)
while true do time.format(0, format) end

--- format-for-parse-of-a-megabyte = 500 (limits.
time.parse('2026', ('%Y'):rep(3000000))

--- format-of-anything = 200
--- limits {"instructions": 100000000}
for i = 32, 128 do
  local letter = string.char(i)
  for _, format in ipairs({ '%' .. letter, '%-' .. letter, '%_' .. letter, '%0' .. letter, '%:' .. letter, '%.' .. letter, '%.9' .. letter, '%#' .. letter, '%' .. letter .. letter }) do
    pcall(time.format, -62167219200, format)
    pcall(time.format, 253402300799.999999, format)
    pcall(time.parse, '9999-12-31T23:59:60Z', format)
    pcall(time.parse, '99999999999999999999', format)
    pcall(time.parse, '-1', format .. format)
  end
end

--- moments-of-any-size = 200
for _, moment in ipairs({ 0 / 0, 1 / 0, -1 / 0, 1e308, -1e308, 2 ^ 63, -2 ^ 63, 2 ^ 53, 1e-320, -0 }) do
  pcall(time.format, moment)
  pcall(time.format, moment, '%s %f %c')
  pcall(time.parse, tostring(moment), '%s')
end

--- texts-that-are-no-moments = 200
for _, text in ipairs({ '', '-', '0000-00-00T00:00:00Z', '9999-99-99T99:99:99Z', '2026-01-31T09:30:00+99:99', '2016-12-31T23:59:60Z', '+262143-01-01T00:00:00Z', '2026-01-31T09:30:00.' .. ('9'):rep(100000) .. 'Z', '\255', '2026-01-31\0T09:30:00Z' }) do
  pcall(time.parse, text)
  for _, format in ipairs({ '%Y-%m-%dT%H:%M:%S%z', '%s', '%+', '%G-W%V-%u', '%U %Y %a', '%C%y' }) do pcall(time.parse, text, format) end
end

--- uuids-without-end = 500 (limits.instructions)
while true do uuid.v4() end

--- url-of-ten-megabytes = 500 (limits.memory_bytes)
url.encode(('%'):rep(5000000))

--- url-in-a-loop = 500 (limits.instructions)
local s = ('%41'):rep(100000)
while true do url.decode(s) end

--- query-of-a-million-names = 500 (limits.memory_bytes)
url.query(('a&'):rep(2000000))

--- query-of-a-table-that-is-large = 500 (limits.
local t = {}
for i = 1, 100000 do t[i] = ('x'):rep(200) end
url.query(t)

--- query-of-a-table-in-itself = 500 is neither text nor number
local t = {}
t[1] = t
t.x = { t }
url.query(t)

--- query-of-anything = 200
local s = {}
for i = 0, 255 do s[#s + 1] = string.char(i) .. '=' .. string.char(255 - i) .. '&' end
url.query(url.query(table.concat(s)))

--- token-of-ten-megabytes = 500 (limits.
local part = base64.encode('{"a":"' .. ('x'):rep(3000000) .. '"}', 'url')
jwt.decode_unverified(part .. '.' .. part .. '.' .. part)

--- token-of-dots = 200
for _, token in ipairs({ ('.'):rep(1000000), '..', '...', '\255.\254.\253', 'e30.e30.' .. ('\255'):rep(1000), ('e30.'):rep(1000) }) do
  pcall(jwt.decode_unverified, token)
end

--- token-nested-a-million-times = 500 nested deeper than 1000 levels
--- limits {"memory_bytes": 200000000}
local part = base64.encode(('['):rep(1000000), 'url')
jwt.decode_unverified(part .. '.' .. part .. '.')

--- dump-of-what-contains-itself = 200
local t = luaTable.new()
t:set('t', t)
debug.dump(t, ('\n'):rep(1000))
pcall(debug.dump, { t })
local u = {}
u.u = u
pcall(debug.dump, u)

--- dump-in-a-loop = 500 (limits.instructions)
while true do debug.dump(request.load(), 'x') end

--- helpers-as-methods-and-iterators = 200
for _, helper in ipairs({ json.marshal, json.unmarshal, base64.encode, base64.decode, hash.md5, hash.hmac_sha256, time.now, time.format, time.parse, uuid.v4, url.encode, url.decode, url.query, jwt.decode_unverified, debug.dump }) do
  pcall(helper)
  pcall(helper, nil, nil, nil)
  pcall(helper, {}, {}, {})
  pcall(helper, print, coroutine.create(print), request.load())
  pcall(helper, 0 / 0, 1 / 0, -1 / 0)
  pcall(helper, ('\255'):rep(100), ('\0'):rep(100), ('\255'):rep(100))
  pcall(helper, unpack({}, 1, 200))
  pcall(table.sort, { 3, 2, 1 }, helper)
  pcall(string.gsub, 'abc', '.', helper)
  pcall(coroutine.wrap(helper), 'x')
  pcall(setmetatable({}, { __index = helper, __call = helper, __concat = helper }), 'x')
end
