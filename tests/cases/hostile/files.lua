Files that scripts load and read: each is in `files` of hostile.rs.

--- dofile-of-itself = 500 (limits.instructions)
dofile('self.lua')

--- dofile-of-itself-without-end = 500 (limits.instructions)
return dofile('tail.lua')

--- overflow-of-files-is-caught = 200 done
--- limits {"instructions": 100000000, "memory_bytes": 100000000}
local ok, e = pcall(dofile, 'self.lua')
assert(not ok and e:find('stack overflow'), e)
response.load():data():set('came', 'done')

--- modules-in-a-circle = 500 loop or previous error loading module: one
require('one')

--- file-without-end in closed = 500 (limits.instructions)
pcall(dofile, 'endless.lua')

--- module-without-end-in-coroutines = 500 (limits.instructions)
while true do coroutine.wrap(function() pcall(require, 'endless') end)() end

--- file-that-takes-long-to-compile = 500 takes too long to compile
for _ = 1, 1000 do assert(not loadfile('branches.lua')) end
dofile('branches.lua')

--- names-of-one-file = 500 (limits.instructions)
local name = 'tiny.lua'
while true do
  name = './' .. name
  if #name > 5000 then name = 'tiny.lua' end
  assert(dofile(name) == 1)
end

--- files-held-open = 500 (limits.memory_bytes)
local held = {}
while true do held[#held + 1] = io.open('lua/megabyte.txt') end

--- files-opened-and-forgotten = 500 (limits.instructions)
while true do assert(#io.open('lua/megabyte.txt'):read('*a') == 1040000) end

--- lines-without-end = 500 (limits.instructions)
while true do for line in io.lines('lua/megabyte.txt') do assert(line == 'line of text') end end

--- formats-by-the-thousand = 500
local file = io.open('lua/megabyte.txt')
while true do file:seek('set'); file:read(('*l'):rep(20)) ; file:read(('*' .. ('l'):rep(100000))) end

--- path-of-a-megabyte = 500 (limits.memory_bytes)
package.path = ('?'):rep(1000000)
pcall(require, ('x'):rep(100))

--- path-of-many-places = 500 (limits.
package.path = ('?;'):rep(500000)
pcall(require, 'x')

--- names-that-lead-nowhere = 200 done
for _, name in ipairs{'', '/', '.', '..', '../x', '../../etc/passwd', '/etc/passwd', 'tiny.lua\0', '\0', 'tiny.lua/x', 'lua/megabyte.txt/.',
    ('../'):rep(10000) .. 'tiny.lua', ('a/'):rep(50000), ('x'):rep(100000), '\255\254', 'C:\\x', '~/x', '*', '%2e%2e/x'} do
  assert(not io.open(name) or name == '', name)
  assert(select('#', io.lines(name)) == 0, name)
  assert(loadfile(name) == nil, name)
  assert(name == '' or not pcall(dofile, name), name)
  assert(not pcall(require, name), name)
end
assert(not io.open('tiny.lua', 'w') and not io.open('new.txt', 'a') and not io.open('tiny.lua'):write('x'))
response.load():data():set('came', 'done')

--- objects-that-are-no-files = 200 done
local file = io.open('tiny.lua')
for _, method in ipairs{file.read, file.seek, file.lines, file.close, file.write, io.close} do
  for _, object in ipairs{0, 'x', {}, print, newproxy(true), luaNil.new(), response.load(), io.stdout} do
    if not (method == io.close and object == io.stdout) then assert(not pcall(method, object), tostring(object)) end
  end
end
for _, size in ipairs{0/0, 1e300, 2^53, 1e18, 0.5} do file:read(size); pcall(file.seek, file, 'cur', size); file:seek('set', size) end
assert(not pcall(file.read, file, -1) and not pcall(setmetatable, file, {}))
assert(not pcall(function() file.mine = 1 end))
response.load():data():set('came', 'done')

--- loaders-that-lie = 200 done
local loaders = package.loaders
loaders[1], loaders[2] = function() return {} end, function() return ('y'):rep(1000) end
loaders[3] = function() error({}) end
assert(not pcall(require, 'tiny'))
loaders[3] = function() return function() package.loaded.tiny = false end end
assert(require('tiny') == false)
for i = 1, 3 do loaders[i] = nil end
assert(not pcall(require, 'other'))
package.loaded, package.loaders, package.preload = 5, 'x', true
assert(not pcall(require, 'another'))
package = nil
assert(not pcall(require, 'last'))
response.load():data():set('came', 'done')

--- modules-that-wait = 500 (limits.calls)
while true do package.loaded.waits = nil; require('waits') end

--- variables-that-are-not-listed = 200 done
for _, name in ipairs{'PATH', 'HOME', '', '=', 'PATH\0', ('x'):rep(100000)} do assert(os.getenv(name) == nil) end
assert(not os.setenv('', 'x') and not os.setenv('a=b', 'x') and os.setenv('PATH', '/bin') and os.getenv('PATH') == '/bin')
response.load():data():set('came', 'done')

--- variables-of-another-are-gone = 200 done
assert(os.getenv('PATH') == nil)
response.load():data():set('came', 'done')

--- variables-without-end = 500 (limits.
local n = 0
while true do n = n + 1; os.setenv('name' .. n, ('v'):rep(1000)) end
