-- Text that becomes code while the script runs.

--- bytecode = 200 attempt to load a binary chunk
local f, why = load('\27Lua\84\0\25\147\r\n\26\n')
response.load():data():set('came', tostring(f) .. ' ' .. tostring(why))

--- bytecode-through-loadstring = 200 attempt to load a binary chunk
local f, why = loadstring('\27LJ\1')
response.load():data():set('came', tostring(f) .. ' ' .. tostring(why))

--- dump-writes-nothing = 200 done
assert(not pcall(string.dump, print) and not pcall(string.dump, function() end))
response.load():data():set('came', 'done')

--- reader-without-end = 500 (limits.memory_bytes)
load(function() return ('x'):rep(1000) end)

--- reader-that-loops = 500 (limits.instructions)
load(function() while true do end end)

--- reader-that-fails = 500 no more
load(function() error('no more') end)

--- reader-of-tables = 200 reader function must return a string
local f, why = load(function() return {} end)
response.load():data():set('came', why)

--- reader-that-waits in pre = 200 ok
local given
local f = load(function() if not given then given = http_response.new('http://UPSTREAM/lua'):body() return given end end)
assert(f() == 42)

--- code-of-megabytes = 500 (limits.
loadstring('return ' .. ('1+'):rep(2000000) .. '1')

--- code-over-and-over = 500 (limits.instructions)
while true do loadstring('local a = 1 return a') end

--- code-that-is-wrong-over-and-over = 500 (limits.instructions)
while true do loadstring('x') end

--- code-with-thousands-of-branches = 500 (limits.instructions)
local code = 'if a then ' .. ('elseif a then '):rep(50000) .. 'end'
while true do loadstring(code) end

--- code-with-thousands-of-ands = 500 (limits.instructions)
local code = 'return ' .. ('a and '):rep(50000) .. 'a'
while true do loadstring(code) end

--- code-with-thousands-of-breaks = 500 (limits.instructions)
local code = 'while true do ' .. ('if a then break end '):rep(30000) .. 'end'
while true do loadstring(code) end

--- code-with-thousands-of-gotos = 500 (limits.instructions)
local parts = {}
for i = 1, 20000 do parts[i] = 'do goto l' .. i .. ' end ::l' .. i .. '::' end
local code = table.concat(parts, ' ')
while true do loadstring(code) end

--- code-with-gotos-that-wait-for-a-label = 500 (limits.instructions)
local code = ('if a then goto x end '):rep(30000) .. ('do end '):rep(30000) .. '::x::'
while true do loadstring(code) end

--- code-with-gotos-out-of-constants = 500 (limits.instructions)
local parts = {}
for i = 1, 180 do parts[i] = 'local a' .. i .. ' <const> = 1 ' end
local code = table.concat(parts) .. ('if a then goto x end '):rep(20000) .. ('do local b end '):rep(20000)
while true do loadstring(code) end

--- code-with-labels-in-a-row = 500 C stack overflow
local parts = {}
for i = 1, 30000 do parts[i] = '::l' .. i .. '::' end
loadstring(table.concat(parts, ' '))

--- code-with-names-in-functions-in-functions = 500 (limits.instructions)
local parts = {}
for i = 1, 180 do parts[i] = 'a' .. i end
local names = 'local ' .. table.concat(parts, ',') .. ' '
local code = ('return function() ' .. names):rep(90) .. ('x=1 '):rep(20000) .. ('end '):rep(90)
while true do loadstring(code) end

--- code-with-thousands-of-functions = 500 (limits.
local code = ('x = function() end '):rep(20000)
while true do loadstring(code) end

--- code-with-a-numeral-of-a-megabyte = 500 (limits.
local code = 'return ' .. ('9'):rep(1000000)
while true do loadstring(code) end

--- code-with-comments = 500 (limits.
local code = ('--[[x]]'):rep(100000)
while true do loadstring(code) end

--- code-that-cannot-be-caught = 500 (limits.instructions)
local code = 'return ' .. ('a and '):rep(50000) .. 'a'
while true do
  pcall(loadstring, code)
  xpcall(function() loadstring(code) end, function() loadstring(code) end)
  coroutine.wrap(pcall)(loadstring, code)
end

--- code-with-thousands-of-constants = 500 (limits.
local parts = {}
for i = 1, 50000 do parts[i] = "'" .. i .. "'," end
local code = 'return {' .. table.concat(parts) .. '}'
while true do loadstring(code)() end

--- code-with-unclosed-brackets = 500 (limits.
while true do loadstring(('[[ '):rep(100000)) loadstring(('[=== '):rep(100000)) loadstring(("'"):rep(100000)) end

--- code-with-thousands-of-locals = 200 too many local variables
local f, why = loadstring(('local a; '):rep(1000))
response.load():data():set('came', why)

--- code-that-is-no-text = 200 done
for _, code in ipairs{'\255\254\0\1', '\0', 'return "\255"', '--[[', '"', "'\\", '#!/bin/sh', '\239\187\191return 1'} do
  pcall(loadstring(code) or error)
end
response.load():data():set('came', 'done')

--- names-of-chunks = 200 done
for _, name in ipairs{'', '=', '@', ('x'):rep(100000), '=\0', '<string>:1:', '\n'} do
  local f, why = loadstring('error("x")', name)
  pcall(f)
  loadstring('x x', name)
end
response.load():data():set('came', 'done')
