-- Scripts that do not end. The form of these files is told in tests/src/hostile.rs.

--- while-true = 500 (limits.instructions)
while true do end

--- repeat-until-false = 500 (limits.instructions)
repeat until false

--- goto = 500 (limits.instructions)
::again:: goto again

--- for-to-a-quintillion = 500 (limits.instructions)
for i = 1, 1e18 do end

--- for-that-cannot-grow = 500 (limits.instructions)
for i = 2^53, 2^53 + 10 do end

--- for-with-a-step-that-is-none = 200 done
for i = 1, 10, 0/0 do error('ran') end
response.load():data():set('came', 'done')

--- for-with-a-step-of-zero = 500 'for' step is zero
for i = 1, 10, 0 do end

--- for-to-infinity = 500 (limits.instructions)
for i = 1, math.huge do end

--- for-up-to-the-largest-integer = 500 (limits.instructions)
for i = 9223372036854775800, 9223372036854775807 do end

--- iterator-without-end = 500 (limits.instructions)
for _ in function() return 1 end do end

--- tail-calls-without-end = 500 (limits.instructions)
local function f() return f() end
f()

--- pairs-over-and-over = 500 (limits.instructions)
while true do for k in pairs(_G) do end end

--- time-is-up = 500 (limits.time_ms)
--- limits {"time_ms": 50, "instructions": 1000000000000}
while true do end

--- time-of-all-runs-together in pre+post = 500 (limits.time_ms)
--- limits {"time_ms": 100, "instructions": 1000000000000}
local function spend(seconds)
  local begin = os.clock()
  while os.clock() - begin < seconds do end
end
spend(0.06)

--- closed-libraries in closed = 500 (limits.instructions)
while true do end

--- in-lua-endpoint in endpoint = 500 
while true do end

--- in-lua-backend in backend = 500 (limits.instructions)
while true do end

--- in-the-post-of-lua-backend in backend-post = 500 (limits.instructions)
while true do end

--- before-the-backend in pre = 500 (limits.instructions)
while true do end

--- long-turns = 500 (limits.instructions)
local body = ('t.a = 1 '):rep(30000)
loadstring('local t = {} while true do ' .. body .. ' end')()

--- long-turns-of-for = 500 (limits.instructions)
local body = ('t.a = 1 '):rep(20000)
loadstring('local t = {} for i = 1, 1e9 do ' .. body .. ' end')()

--- long-turns-of-an-iterator = 500 (limits.instructions)
local body = ('t.a = 1 '):rep(20000)
loadstring('local t = {} for i in function() return 1 end do ' .. body .. ' end')()

--- long-functions = 500 (limits.instructions)
local f = loadstring('local t = {} return function() ' .. ('t.a = 1 '):rep(30000) .. ' end')()
while true do pcall(f) end

--- numerals-of-spaces = 500 (limits.instructions)
local s = (' '):rep(199) .. '1'
while true do tonumber(s) local x = s + 1 end

--- numbers-of-many-digits = 500 (limits.instructions)
while true do local s = string.format('%99.99f%99.99f%99.99f', 1e308, 1e308, 1e308) end

--- fractions-as-text = 500 (limits.instructions)
local x = 1 / 3
while true do x = x + 1e-9 local s = x .. '' end

--- letters-beyond-ascii = 500 (limits.instructions)
local s = ('\195\164'):rep(100000)
while true do local s = s:upper() end

--- repetitions-of-one-byte = 500 (limits.instructions)
while true do local s = ('x'):rep(100000) end

--- rooms-reckoned-anew = 500 (limits.instructions)
local t = {}
for i = 1, 100000 do t[i] = i end
while true do
  t.a = 1 t.b = 1 t.c = 1 t.d = 1 t.a = nil t.b = nil t.c = nil t.d = nil
  t.e = 1 t.f = 1 t.g = 1 t.h = 1 t.e = nil t.f = nil t.g = nil t.h = nil
end
