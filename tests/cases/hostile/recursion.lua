-- Calls in calls, in Lua and in C.

--- plain = 500 stack overflow
local function f() return 1 + f() end
f()

--- mutual = 500 stack overflow
local f
local function g() return 1 + f() end
function f() return 1 + g() end
f()

--- through-pcall = 200 done
local depth = 0
local function f() depth = depth + 1; pcall(f) end
f()
response.load():data():set('came', 'done')

--- through-index = 500 C stack overflow
local t = setmetatable({}, {})
getmetatable(t).__index = function(_, key) return t[key] end
return t.x

--- through-a-chain-of-tables = 500 loop
local t = {}
for i = 1, 3000 do t = setmetatable({}, {__index = t}) end
return t.x

--- index-that-is-itself = 500 loop
local t = {}
setmetatable(t, {__index = t})
getmetatable(t).__index = t
return t.x

--- through-newindex = 500 overflow
local t = setmetatable({}, {__newindex = function(t, k, v) t[k] = v end})
t.x = 1

--- through-eq = 500 overflow
local meta = {}
meta.__eq = function() return setmetatable({}, meta) == setmetatable({}, meta) end
return setmetatable({}, meta) == setmetatable({}, meta)

--- through-concat = 500 overflow
local meta = {}
meta.__concat = function(a, b) return a .. b end
return setmetatable({}, meta) .. 'x'

--- through-len-and-call = 500 overflow
local meta = {}
meta.__call = function(self) return self() + 1 end
return setmetatable({}, meta)()

--- call-of-a-call-of-a-call = 500 
local t = {}
for i = 1, 1000 do t = setmetatable({}, {__call = t}) end
t()

--- through-tostring = 500 overflow
local t = setmetatable({}, {})
getmetatable(t).__tostring = function() return tostring(t) end
tostring(t)

--- through-gsub = 500 overflow
local function f() string.gsub('x', 'x', f) end
f()

--- through-sort = 500 overflow
local function f() table.sort({1, 2, 3}, function() f() return false end) end
f()

--- through-coroutines = 500 overflow
local function f() return coroutine.wrap(f)() end
f()

--- through-xpcall-handlers = 200 done
local function f() error('x') end
xpcall(f, function() f() end)
response.load():data():set('came', 'done')

--- through-loadstring = 500 (limits.
code = "loadstring(code)()"
assert(loadstring(code))()

--- through-next = 500 overflow
local function f(...) return select('#', f(...), ...) end
f(1)

--- deep-expression = 500 overflow
assert(loadstring('return ' .. ('('):rep(10000) .. '1' .. (')'):rep(10000)))()

--- deep-table-constructor = 500 overflow
assert(loadstring('return ' .. ('{'):rep(10000) .. ('}'):rep(10000)))()

--- deep-blocks = 500 
assert(loadstring(('do '):rep(10000) .. ('end '):rep(10000)))()

--- deep-functions = 500 
assert(loadstring(('return function() '):rep(1000) .. ('end '):rep(1000)))()

--- deep-concatenation = 500 
assert(loadstring('return ' .. ("'a'.."):rep(10000) .. "'a'"))()

--- deep-minus = 500 
assert(loadstring('return ' .. ('- '):rep(10000) .. '1'))()

--- chains-of-index = 500 (limits.instructions)
local t = {}
for i = 1, 1900 do t = setmetatable({}, {__index = t}) end
while true do local x = t.x end

--- chains-of-newindex = 500 (limits.instructions)
local t = {}
for i = 1, 1900 do t = setmetatable({}, {__newindex = t}) end
while true do t.x = nil end

--- tracebacks-of-a-deep-stack = 500 (limits.instructions)
local function f(n) if n > 0 then return (f(n - 1)) end while true do debug.traceback() end end
f(5000)

--- tracebacks-of-errors = 500 (limits.instructions)
while true do xpcall(error, debug.traceback) end
