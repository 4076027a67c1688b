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
