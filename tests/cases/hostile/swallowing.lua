-- The error of a limit cannot be caught: not by pcall, not by handlers, not by coroutines, not by metamethods.

--- pcall = 500 (limits.instructions)
pcall(function() while true do end end)
response.load():data():set('went', 'on')

--- pcall-in-a-loop = 500 (limits.instructions)
while true do pcall(function() while true do end end) end

--- pcall-of-nothing-in-a-loop = 500 (limits.instructions)
while true do pcall(error) end

--- pcall-in-pcall = 500 (limits.instructions)
local function f() pcall(f) f() end
f()

--- pcall-for-memory = 500 (limits.memory_bytes)
while true do pcall(string.rep, 'x', 1e9) end

--- pcall-for-calls in pre = 500 (limits.calls)
for i = 1, 100 do pcall(http_response.new, 'http://UPSTREAM/b') end

--- xpcall = 500 (limits.instructions)
while true do xpcall(function() while true do end end, function(e) return e end) end

--- handler-that-loops = 500 (limits.instructions)
xpcall(function() while true do end end, function() while true do end end)

--- handler-that-fails = 200 done
xpcall(error, function() error('again') end)
response.load():data():set('came', 'done')

--- handler-in-handler = 500 (limits.instructions)
local function handler() return xpcall(error, handler) end
while true do xpcall(error, handler) end

--- coroutine = 500 (limits.instructions)
while true do coroutine.resume(coroutine.create(function() while true do end end)) end

--- wrap-in-pcall = 500 (limits.instructions)
while true do pcall(coroutine.wrap(function() while true do end end)) end

--- coroutine-that-is-left-behind = 500 (limits.instructions)
local co = coroutine.wrap(function() while true do coroutine.yield(1) end end)
while true do co() end

--- finalizers = 200 done
for i = 1, 1000 do setmetatable({}, {__gc = function() while true do end end}) end
collectgarbage()
response.load():data():set('came', 'done')

--- to-be-closed = 500 (limits.instructions)
local t = setmetatable({}, {__close = function() while true do end end})
local f = loadstring("local t <close> = ... while true do end")
if not f then while true do end end
f(t)

--- index-that-loops = 500 (limits.instructions)
local t = setmetatable({}, {__index = function() while true do end end})
pcall(function() return t.x end)
response.load():data():set('went', 'on')

--- error-object-that-cannot-be-shown = 500 table value
error(setmetatable({}, {__tostring = function() while true do end end}))

--- error-object-that-fails-to-be-shown = 500 table value
error(setmetatable({}, {__tostring = function() error('no') end}))

--- printed-object-that-loops = 500 (limits.instructions)
print(setmetatable({}, {__tostring = function() while true do end end}))

--- name-that-is-a-table = 200 done
print(setmetatable({}, {__name = {}}))
response.load():data():set('came', 'done')

--- error-objects-in-a-loop = 500 (limits.instructions)
while true do pcall(error, setmetatable({}, {__tostring = function() return {} end})) end

--- errors-that-grow = 500 (limits.memory_bytes)
local message = 'x'
while true do
  local _, caught = pcall(error, message .. message, 0)
  message = caught
end

--- forged-limit-error = 500 the script ran more than 5 instructions
error('the script ran more than 5 instructions (limits.instructions)', 0)
