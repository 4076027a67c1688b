-- What scripts might reach that is not theirs: each of these is answered, and the next request sees nothing of it.

--- metatable-of-strings = 200 done
getmetatable('').__index = function() while true do end end
getmetatable('').__concat = function() return 'hijacked' end
pcall(setmetatable, 'x', {})
response.load():data():set('came', 'done')

--- library-tables-emptied = 200 done
local data = response.load():data()
for _, library in ipairs{string, table, math, coroutine, os, io, debug, package} do
  for name in pairs(library) do library[name] = nil end
end
data:set('came', 'done')

--- globals-emptied = 200 done
local data, G = response.load():data(), _G
for name in pairs(G) do G[name] = nil end
data:set('came', 'done')

--- globals-that-loop = 500 (limits.instructions)
setmetatable(_G, {__index = function() while true do end end, __newindex = function() while true do end end})
pcall(function() return undefined end)
response = response

--- helper-tables-replaced = 200 done
luaTable.new = nil; luaList.new = 5; http_response.new = error; response.__index = {}
response.load():data():set('came', 'done')

--- metatables-of-helper-tables = 200 done
setmetatable(luaTable, {__index = function() while true do end end, __newindex = error})
setmetatable(response, {__metatable = 'mine', __call = error})
response.load():data():set('came', 'done')

--- metatable-of-userdata = 200 done
local data = response.load():data()
assert(not pcall(setmetatable, data, {}))
local meta = getmetatable(data)
if type(meta) == 'table' then pcall(rawset, meta, '__index', error); pcall(rawset, meta, '__gc', error) end
if debug then pcall(debug.setmetatable or error, data, {}) end
response.load():data():set('came', 'done')

--- methods-on-other-objects = 200 done
local data, list = response.load():data(), luaList.new()
for _, method in ipairs{data.get, data.set, data.keys, list.get, list.set, response.load, response.load().body} do
  for _, object in ipairs{data, list, luaNil.new(), {}, 'x', 5, print, newproxy()} do pcall(method, object, 1, 2) end
end
data:set('came', 'done')

--- debug-reaches-nothing = 200 done
assert(debug.sethook == nil and debug.getregistry == nil and debug.upvalueid == nil)
for _, name in ipairs{'getlocal', 'getupvalue', 'setlocal', 'setmetatable', 'setupvalue'} do
  assert(not pcall(debug[name], print, 1, {}), name)
end
local class = getmetatable(response.load())
class.__index, class.mine = nil, 1
assert(class == response and getmetatable(response) == nil)
response.load():data():set('came', 'done')

--- environments-of-others = 200 done
local pcall, ipairs, setfenv, getfenv, response, mine = pcall, ipairs, setfenv, getfenv, response, {print, pcall, string.rep, response.load, custom_error}
for level = 0, 50 do pcall(setfenv, level, {}) end
for _, f in ipairs(mine) do pcall(setfenv, f, {}) end
for level = 0, 50 do pcall(getfenv, level) end
response.load():data():set('came', 'done')

--- os-and-io-are-harmless = 200 done
for _, f in ipairs{'execute', 'exit', 'tmpname'} do assert(not pcall(os[f], 'x'), f) end
for _, f in ipairs{'remove', 'rename'} do assert(os[f]('/etc/passwd', 'x') == nil, f) end
assert(os.getenv('PATH') == nil and io.open('/etc/passwd') == nil and select('#', io.lines('/etc/passwd')) == 0)
assert(not pcall(dofile, '/etc/passwd') and loadfile('/etc/passwd') == nil and not pcall(require, 'x'))
assert(not pcall(package.loadlib, 'x', 'y'))
response.load():data():set('came', 'done')

--- metatable-that-is-protected = 500 
local t = setmetatable({}, {__metatable = false})
setmetatable(t, {})

--- rawset-of-a-library = 200 done
rawset(_G, 'print', nil); rawset(string, 'rep', nil); rawset(_G, 1, _G)
response.load():data():set('came', 'done')
