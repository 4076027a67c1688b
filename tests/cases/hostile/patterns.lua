-- Patterns that backtrack for ever, inside C, where no count hook fires.

--- many-stars-in-find = 500 (limits.instructions)
string.find(('a'):rep(30), ('a*'):rep(30) .. 'b')

--- many-stars-in-match = 500 (limits.instructions)
string.match(('a'):rep(3000), ('a*'):rep(20) .. 'b')

--- many-stars-in-gmatch = 500 (limits.instructions)
for _ in string.gmatch(('a'):rep(3000), ('.-'):rep(10) .. 'b') do end

--- many-stars-in-gsub = 500 (limits.instructions)
string.gsub(('a'):rep(3000), ('.*'):rep(10) .. 'b', '')

--- swallowed-in-a-pattern = 500 (limits.instructions)
while true do pcall(string.find, ('a'):rep(3000), ('a*'):rep(20) .. 'b') end

--- captures-that-backtrack = 500 (limits.instructions)
string.find(('a'):rep(3000), ('(a*)'):rep(20) .. 'b')

--- back-references = 500 (limits.instructions)
string.find(('a'):rep(100000), '(a*)%1%1%1b')

--- balance = 500 (limits.instructions)
string.find(('('):rep(100000), '%b()')

--- a-set-of-a-megabyte-tried-everywhere = 500 (limits.instructions)
string.find(('a'):rep(1000000), '[' .. ('b'):rep(1000000) .. ']')

--- sets-of-a-megabyte = 500 (limits.instructions)
string.find(('a'):rep(1000000), '[' .. ('b'):rep(1000000) .. ']')

--- plain-needles-that-nearly-match = 500 (limits.instructions)
string.find(('a'):rep(1000000), ('a'):rep(500000) .. 'b', 1, true)

--- deep-pattern = 500 pattern too complex
string.find(('a'):rep(500), ('a?'):rep(500) .. ('b?'):rep(500))

--- pattern-of-anchors = 500 (limits.instructions)
while true do string.find(('a'):rep(1000), '^$') end

--- broken-patterns = 200 done
for _, pattern in ipairs{'[', '[]', '[^', '(', ')', '%0', '%1', '(()', '[a-', '[%', '%9'} do
  assert(not pcall(string.find, 'abc', pattern), pattern)
end
for _, pattern in ipairs{'%', '%b', '%bx', '%f', 'a%', '[%a-z]x'} do
  assert(string.find('abc', pattern) == nil, pattern)
end
response.load():data():set('came', 'done')

--- gsub-that-grows = 500 (limits.memory_bytes)
local s = ('x'):rep(10000)
s:gsub('', s)

--- gsub-whose-callback-loops = 500 (limits.instructions)
pcall(string.gsub, 'abc', '.', function() while true do end end)

--- gsub-with-a-table-that-loops = 500 (limits.instructions)
pcall(string.gsub, 'abc', '.', setmetatable({}, {__index = function() while true do end end}))
