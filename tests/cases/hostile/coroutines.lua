-- Coroutines by the thousand and in each other.

--- coroutines-by-the-million = 500 (limits.
local t = {}
for i = 1, 1e9 do t[i] = coroutine.create(function() coroutine.yield() end); coroutine.resume(t[i]) end

--- coroutines-thrown-away = 500 (limits.
while true do coroutine.wrap(function() coroutine.yield() end)() end

--- coroutine-that-resumes-itself = 200 done
local co
co = coroutine.create(function() return coroutine.resume(co) end)
coroutine.resume(co)
response.load():data():set('came', 'done')

--- two-that-resume-each-other = 200 done
local a, b
a = coroutine.create(function() return coroutine.resume(b) end)
b = coroutine.create(function() return coroutine.resume(a) end)
coroutine.resume(a)
response.load():data():set('came', 'done')

--- yield-from-outside = 500 can not yield from outside of a coroutine
coroutine.yield(1)

--- yield-across-a-sort = 500 
coroutine.wrap(function() table.sort({3, 2, 1}, function(a, b) coroutine.yield() return a < b end) end)()

--- wait-in-a-sort = 500 cannot wait
table.sort({3, 2, 1}, function(a, b) http_response.new('http://UPSTREAM/b') return a < b end)

--- wait-in-coroutines-in-coroutines in pre = 200 ok
local function deep(n)
  if n == 0 then return http_response.new('http://UPSTREAM/b'):body() end
  return coroutine.wrap(deep)(n - 1)
end
deep(20)

--- wait-left-alone in pre = 200 ok
local co = coroutine.create(function() http_response.new('http://UPSTREAM/b') error('x') end)
coroutine.resume(co)

--- close-is-not-there = 200 done
assert(coroutine.close == nil and coroutine.isyieldable == nil)
response.load():data():set('came', 'done')

--- threads-as-keys-and-values = 200 done
local co = coroutine.create(function() end)
response.load():data():set('came', co)
response.load():data():set('came', {[co] = co})
response.load():data():set('came', 'done')
