-- One thing each that filter/c charges or mends, so often that its charge alone meets the limit: all else in the script stays
-- below that. They end whether it is charged or not. filter/c/README.md says which is for what.

--- turns-of-while = 500 (limits.instructions)
--- limits {"instructions": 100000}
local i, n = 0, 100000
while i ~= n do i = i + 1 end

--- turns-of-for = 500 (limits.instructions)
--- limits {"instructions": 100000}
for i = 1, 100000 do end

--- the-count-is-looked-at = 500 (limits.instructions)
--- limits {"instructions": 100000}
for i = 1, 1000000 do end

--- the-length-of-a-turn = 500 (limits.instructions)
--- limits {"instructions": 2000000}
loadstring('local t for i = 1, 5000 do if t then ' .. ('t.a = 1 '):rep(16000) .. 'end end')()

--- the-length-of-a-turn-with-fractions = 500 (limits.instructions)
--- limits {"instructions": 2000000}
loadstring('local t for i = 0.5, 5000 do if t then ' .. ('t.a = 1 '):rep(16000) .. 'end end')()

--- the-length-of-a-turn-with-an-iterator = 500 (limits.instructions)
--- limits {"instructions": 2000000}
local n = 0
function turn() n = n + 1 if n < 5000 then return n end end
loadstring('local t for i in turn do if t then ' .. ('t.a = 1 '):rep(16000) .. 'end end')()

--- the-length-of-a-function = 500 (limits.instructions)
--- limits {"instructions": 2000000}
local f = loadstring('return function(t) if t then ' .. ('t.a = 1 '):rep(16000) .. 'end end')()
for i = 1, 10000 do f() end

--- calls = 500 (limits.instructions)
--- limits {"instructions": 800000}
local f = rawequal
for i = 1, 200000 do f(i, i) end

--- steps-along-index = 500 (limits.instructions)
--- limits {"instructions": 1000000}
local t = {}
for i = 1, 1900 do t = setmetatable({}, {__index = t}) end
for i = 1, 1000 do local x = t.x end

--- long-keys = 500 (limits.instructions)
--- limits {"instructions": 1000000}
local t, key = {}, ('x'):rep(99999) .. 'x'
t[('x'):rep(100000)] = 1
for i = 1, 1000 do local x = t[key] end

--- long-keys-of-rawset = 500 (limits.instructions)
--- limits {"instructions": 1000000}
local t, key = {}, ('x'):rep(99999) .. 'x'
t[('x'):rep(100000)] = 1
for i = 1, 1000 do rawset(t, key, 1) end

--- long-keys-of-next = 500 (limits.instructions)
--- limits {"instructions": 1000000}
local t, key = {}, ('x'):rep(99999) .. 'x'
t[('x'):rep(100000)] = 1
for i = 1, 1000 do next(t, key) end

--- equal-texts = 500 (limits.instructions)
--- limits {"instructions": 1000000}
local a, b = ('x'):rep(100000), ('x'):rep(99999) .. 'x'
for i = 1, 1000 do local same = a == b end

--- texts-in-order = 500 (limits.instructions)
--- limits {"instructions": 1000000}
local a, b = ('x'):rep(100000), ('x'):rep(99999) .. 'y'
for i = 1, 1000 do local less = a < b end

--- dots = 500 (limits.instructions)
--- limits {"instructions": 500000}
local function f(...) for i = 1, 1000 do local x = ... end end
f(unpack({}, 1, 8000))

--- numerals-of-white-space-in-sums = 200 done
local short, long = (' '):rep(100) .. '1', (' '):rep(300) .. '1'
assert(short + 1 == 2 and not pcall(function() return long + 1 end))
response.load():data():set('came', 'done')

--- numerals = 500 (limits.instructions)
--- limits {"instructions": 500000}
local s = (' '):rep(190) .. '1'
for i = 1, 10000 do tonumber(s) end

--- numerals-with-a-base = 500 (limits.instructions)
--- limits {"instructions": 500000}
local s = ('0'):rep(100000)
for i = 1, 100 do tonumber(s, 36) end

--- digits-of-fractions = 500 (limits.instructions)
--- limits {"instructions": 300000}
local x = 1 / 3
for i = 1, 10000 do local s = x .. '' end

--- memory = 500 (limits.instructions)
--- limits {"instructions": 1000000}
for i = 1, 1000 do local s = ('x'):rep(60000 + i) end

--- memory-that-grows = 500 (limits.instructions)
--- limits {"instructions": 8000000}
for i = 1, 100 do coroutine.wrap(function() return select('#', unpack({}, 1, 50000)) end)() end

--- objects-of-the-host = 500 (limits.instructions)
--- limits {"instructions": 600000}
for i = 1, 20000 do newproxy() end

--- rooms-of-a-table = 500 (limits.instructions)
--- limits {"instructions": 8800000}
local t = {[0.5] = 1}
for i = 1, 10000 do t[i] = i end
for i = 1, 500 do t[i + 0.5] = 1 t[i + 0.5] = nil end

--- values-of-weak-keys-are-kept = 200 done
local weak = setmetatable({}, {__mode = 'k'})
do local key = {} weak[key] = {key} end
for i = 1, 100000 do local x = {{}, {}, {}} end
assert(next(weak))
response.load():data():set('came', 'done')

--- errors = 500 (limits.instructions)
--- limits {"instructions": 500000}
for i = 1, 5000 do pcall(error) end

--- errors-that-are-caught-deep-down = 500 (limits.instructions)
--- limits {"instructions": 2100000}
local function f(n)
  if n > 0 then f(n - 1) return 1 end
  for i = 1, 1000 do pcall(error) end
end
f(5000)

--- frames-that-are-passed = 500 (limits.instructions)
--- limits {"instructions": 3000000}
local function f(n)
  if n > 0 then f(n - 1) return 1 end
  for i = 1, 100 do debug.traceback() end
end
f(5000)

--- names-of-functions = 500 (limits.instructions)
--- limits {"instructions": 500000}
for i = 1, 1000 do debug.traceback() end

--- coroutines-share-a-count = 500 (limits.instructions)
--- limits {"instructions": 1000000}
for i = 1, 1000 do coroutine.wrap(function() for j = 1, 2000 do end end)() end

--- coroutines = 500 (limits.instructions)
--- limits {"instructions": 1400000}
local function f() end
for i = 1, 10000 do coroutine.create(f) end

--- characters-that-are-tried = 500 (limits.instructions)
--- limits {"instructions": 1000000}
string.find(('a'):rep(200), 'a*a*b')

--- balance = 500 (limits.instructions)
--- limits {"instructions": 1000000}
string.find(('('):rep(10000), '%b()')

--- back-references = 500 (limits.instructions)
--- limits {"instructions": 5000000}
string.find(('a'):rep(1500), '(a*)%1b')

--- long-sets-of-a-pattern = 500 (limits.instructions)
--- limits {"instructions": 300000}
string.find(('a'):rep(1000), '[' .. ('b'):rep(10000) .. ']')

--- positions-of-a-pattern = 500 (limits.instructions)
--- limits {"instructions": 300000}
string.find(('a'):rep(1000000), '$')

--- needles = 500 (limits.instructions)
--- limits {"instructions": 1000000}
string.find(('a'):rep(20000), ('a'):rep(5000) .. 'b', 1, true)

--- comparisons-of-a-sort = 500 (limits.instructions)
--- limits {"instructions": 700000}
local t = {}
for i = 1, 20000 do t[i] = (i * 7919) % 20011 end
table.sort(t)

--- places-that-are-empty = 500 (limits.instructions)
--- limits {"instructions": 3000000}
local t = {}
for i = 1, 100000 do t[i] = true end
for i = 1, 100000 do t[i] = nil end
for i = 1, 500 do next(t) end

--- values-of-unpack = 500 (limits.instructions)
--- limits {"instructions": 680000}
local t = {}
for i = 1, 5000 do select('#', unpack(t, 1, 200)) end

--- places-of-a-list = 500 (limits.instructions)
--- limits {"instructions": 450000}
local t = {}
for i = 1, 5000 do select('#', unpack(t, 1, 200)) end

--- bytes = 500 (limits.instructions)
--- limits {"instructions": 500000}
local s = ('x'):rep(50000)
for i = 1, 100 do select('#', s:byte(1, -1)) end

--- conversions-of-a-date = 500 (limits.instructions)
--- limits {"instructions": 300000}
for i = 1, 30 do os.date(('%c'):rep(1000)) end

--- digits-of-a-format = 500 (limits.instructions)
--- limits {"instructions": 500000}
for i = 1, 1000 do string.format('%99.99f', 1e308) end

--- tokens = 500 (limits.instructions)
--- limits {"instructions": 250000}
loadstring('return {' .. ('1,'):rep(50000) .. '}')

--- chains-of-jumps = 500 (limits.instructions)
--- limits {"instructions": 1000000}
loadstring('if a then ' .. ('elseif a then '):rep(2000) .. 'end')

--- names = 500 (limits.instructions)
--- limits {"instructions": 3000000}
local parts = {}
for i = 1, 180 do parts[i] = 'a' .. i end
local names = 'local ' .. table.concat(parts, ',') .. ' '
loadstring(('return function() ' .. names):rep(90) .. ('x = 1 '):rep(1000) .. ('end '):rep(90))

--- names-of-functions-around = 500 (limits.instructions)
--- limits {"instructions": 4000000}
local parts = {}
for i = 1, 180 do parts[i] = 'a' .. i end
local names = table.concat(parts, ',')
loadstring('local ' .. names .. ' return function() x = {' .. names .. '} ' .. ('x = a180 '):rep(10000) .. 'end')

--- constants-that-are-passed-over = 500 (limits.instructions)
--- limits {"instructions": 1000000}
local parts = {}
for i = 1, 180 do parts[i] = 'local a' .. i .. ' <const> = 1 ' end
loadstring(table.concat(parts) .. ('do local b end '):rep(10000))

--- labels = 500 (limits.instructions)
--- limits {"instructions": 1000000}
local parts = {}
for i = 1, 2000 do parts[i] = 'do goto l' .. i .. ' end ::l' .. i .. '::' end
loadstring(table.concat(parts, ' '))

--- gotos-that-wait-at-labels = 500 (limits.instructions)
--- limits {"instructions": 1000000}
local parts = {}
for i = 1, 500 do parts[i] = '::l' .. i .. ':: a = 1' end
loadstring(('if a then goto x end '):rep(2000) .. table.concat(parts, ' '))

--- gotos-that-find-their-label = 500 (limits.instructions)
--- limits {"instructions": 1000000}
loadstring(('if a then goto x end '):rep(2000) .. '::x::')

--- gotos-out-of-blocks = 500 (limits.instructions)
--- limits {"instructions": 300000}
loadstring(('do '):rep(150) .. ('if a then goto x end '):rep(3000) .. ('end '):rep(150))

--- pcalls-that-are-passed-by = 500 (limits.instructions)
--- limits {"instructions": 100000000, "memory_bytes": 300000000}
local function nest(k)
  local depth = 0
  local function f()
    depth = depth + 1
    if depth > 16000 then
      if k > 0 then nest(k - 1) end
      while true do end
    end
    pcall(f)
    f()
  end
  coroutine.wrap(f)()
end
nest(7)
