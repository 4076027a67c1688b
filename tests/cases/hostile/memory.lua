-- Scripts that want all the memory there is, at once or bit by bit.

--- rep-of-a-gigabyte = 500 (limits.memory_bytes)
string.rep("x", 1e9)

--- rep-of-a-long-text = 500 (limits.memory_bytes)
string.rep(('y'):rep(1e4), 1e4, ('y'):rep(1e4))

--- rep-beyond-all-numbers = 500 resulting string too large
string.rep('xxxx', 2^62)

--- rep-of-nothing = 200 done
assert(string.rep('', 1e15) == '')
response.load():data():set('came', 'done')

--- concatenation-that-doubles = 500 (limits.memory_bytes)
local s = 'x'
while true do s = s .. s end

--- concatenation-bit-by-bit = 500 (limits.
local s = ''
while true do s = s .. 'xxxxxxxxxxxxxxxx' end

--- concatenation-of-many = 500 (limits.memory_bytes)
local s = ('x'):rep(1000000)
local t = s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s

--- table-of-numbers = 500 (limits.memory_bytes)
local t = {}
for i = 1, 1e9 do t[i] = i end

--- table-of-tables = 500 (limits.memory_bytes)
local t = {}
while true do t = {t} end

--- table-of-keys = 500 (limits.
local t = {}
for i = 1, 1e9 do t['k' .. i] = true end

--- table-of-closures = 500 (limits.memory_bytes)
local t = {}
for i = 1, 1e9 do t[i] = function() return i end end

--- huge-index-first = 200 done
local t = {}
t[2^53] = 1; t[1e300] = 1; t[-1e300] = 1
response.load():data():set('came', 'done')

--- concat-of-a-shared-string = 500 (limits.memory_bytes)
local s, t = ('x'):rep(100000), {}
for i = 1, 100000 do t[i] = s end
table.concat(t)

--- concat-of-nothing-over-and-over = 500 (limits.instructions)
local t = {}
for i = 1, 500000 do t[i] = '' end
while true do table.concat(t) end

--- concat-of-a-range-without-end = 200 {}
table.concat(setmetatable({}, {__index = function() return 'x' end}), '', 1, 2^53)

--- insert-at-the-front = 500 (limits.
local t = {}
while true do table.insert(t, 1, true) end

--- remove-from-the-front = 500 (limits.instructions)
local t = {}
for i = 1, 500000 do t[i] = true end
while true do table.remove(t, 1); t[#t + 1] = true end

--- insert-into-a-table-that-lies = 200 {}
table.insert(setmetatable({}, {__len = function() return 2^52 end}), 1, 'x')

--- remove-from-a-table-that-lies = 200 {}
table.remove(setmetatable({}, {__len = function() return 2^52 end}), 1)

--- sort-of-a-table-that-lies = 200 done
table.sort(setmetatable({}, {__len = function() return 2^30 end}), function() return true end)
response.load():data():set('came', 'done')

--- next-of-an-emptied-table = 500 (limits.instructions)
local t = {}
for i = 1, 500000 do t[i] = true end
for i = 1, 500000 do t[i] = nil end
while true do next(t) end

--- sort-with-an-order-that-is-none = 500 
local t = {}
for i = 1, 1000 do t[i] = i end
while true do table.sort(t, function() return true end) end

--- sort-over-and-over = 500 (limits.instructions)
local t = {}
for i = 1, 100000 do t[i] = (i * 7919) % 100003 end
while true do table.sort(t) table.sort(t, function(a, b) return a > b end) end

--- unpack-of-millions = 500 
unpack({}, 1, 1e7)

--- unpack-over-and-over = 500 (limits.instructions)
while true do select('#', unpack({}, 1, 50000)) end

--- unpack-beyond-all-numbers = 500 
unpack({}, -2^62, 2^62)

--- arguments-one-by-one = 500 (limits.instructions)
local function count(...) for i = 1, select('#', ...) do local x = select(i, ...) end end
while true do count(unpack({}, 1, 50000)) end

--- varargs-copied = 500 stack overflow
local function f(...) local t = {...} return f(..., ...) end
f(unpack({}, 1, 100000))

--- format-with-a-width-of-thousands = 200 done
assert(#string.format('%99999d', 1) == 99999)
response.load():data():set('came', 'done')

--- format-with-widths-of-millions = 500 (limits.
string.format(('%1000000d'):rep(1000), 1)
while true do string.format('%1000000d%.1000000f', 1, 1) end

--- format-of-long-strings = 500 (limits.memory_bytes)
local s = ('x'):rep(1000000)
string.format(('%s'):rep(24), s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s)

--- format-quoted = 500 (limits.
local s = ('\0'):rep(1000000)
while true do s = string.format('%q', s) end

--- numerals-of-a-megabyte = 500 (limits.instructions)
local s = ('0'):rep(1000000) .. 'x'
while true do tonumber(s) tonumber(s, 36) end

--- lower-and-upper = 500 (limits.
local s = ('x'):rep(1000000)
while true do s:lower() s:upper() s:reverse() end

--- comparing-long-strings = 500 (limits.instructions)
local a, b = ('x'):rep(4000000) .. 'y', ('x'):rep(4000000) .. 'z'
while true do local _ = a < b end

--- bytes = 500 
while true do string.byte(('x'):rep(900000), 1, -1) end

--- dates = 500 (limits.
while true do os.date(('%c'):rep(10000)) end

--- weak-tables = 500 (limits.
local t = setmetatable({}, {__mode = 'k'})
while true do t[{}] = {t} end

--- ephemerons = 500 (limits.
local t, last = setmetatable({}, {__mode = 'k'}), {}
while true do local key = {}; t[last] = key; last = key end

--- collecting-is-the-hosts-business = 500 (limits.memory_bytes)
collectgarbage('stop'); collectgarbage('generational'); collectgarbage('setpause', 1000000)
local t = {}
for i = 1, 1e9 do t[i] = {} end

--- proxies = 500 (limits.
local t = {}
for i = 1, 1e9 do t[i] = newproxy() end

--- weak-keys-in-a-chain = 500 (limits.
local weak = setmetatable({}, {__mode = 'k'})
local first = {}
local key = first
for i = 1, 20000 do local value = {} weak[key] = value key = value end
while true do local x = {} end

--- weak-tables-by-the-thousands = 500 (limits.
local tables, first, order = {}, {}, {}
for i = 1, 30000 do tables[i] = setmetatable({}, {__mode = 'k'}) order[i] = i * 7919 % 30011 % 30000 + 1 end
local key = first
for i = 1, 30000 do local value = {} tables[order[i]][key] = value key = value end
key = nil
while true do local x = {} end

--- garbage-close-to-the-limit = 500 (limits.
local kept = {}
for i = 1, 120000 do kept[i] = {i} end
while true do local x = {{}, {}, {}} end

--- garbage-below-a-deep-stack = 500 (limits.
local function f(n) if n > 0 then f(n - 1) return 1 end while true do local x = {} end end
f(15000)

--- keys-of-a-hundred-kilobytes = 500 (limits.instructions)
local t = {}
t[('x'):rep(100000)] = 1
local key = ('x'):rep(99999) .. 'x'
while true do local x = t[key] end

--- keys-of-a-hundred-kilobytes-set-and-passed = 500 (limits.instructions)
local t = {}
t[('x'):rep(100000)] = 1
local key = ('x'):rep(99999) .. 'x'
while true do rawset(t, key, 1) rawget(t, key) next(t, key) end
