-- Side requests: too many, too large, to nowhere, with replies that are huge or broken.

--- requests-in-a-loop in pre = 500 (limits.calls)
while true do http_response.new('http://UPSTREAM/b') end

--- all-of-a-thousand = 500 (limits.calls)
local all = {}
for i = 1, 1000 do all[i] = {'http://UPSTREAM/b'} end
http_response.all(all)

--- all-of-a-million = 500 (limits.
local all = {}
for i = 1, 200000 do all[i] = 'http://UPSTREAM/b' end
pcall(http_response.all, all)

--- all-of-odd-things = 200 done
for _, all in ipairs{{}, {{}}, {1}, {{1, 2}}, {{{}}}, {print}, {luaTable.new()}} do pcall(http_response.all, all) end
pcall(http_response.all); pcall(http_response.all, 'x'); pcall(http_response.all, setmetatable({}, {__index = error}))
response.load():data():set('came', 'done')

--- all-of-a-table-that-lies = 500 need at least one request
http_response.all(setmetatable({}, {__index = function() return 'http://UPSTREAM/b' end, __len = function() return 2^52 end}))

--- body-of-megabytes-out = 500 (limits.body_bytes)
http_response.new('http://UPSTREAM/b', 'POST', ('x'):rep(2000000))

--- reply-of-megabytes-in = 200 done
local ok, why = pcall(http_response.new, 'http://UPSTREAM/large')
response.load():data():set('came', 'done ' .. tostring(why))

--- replies-held-together = 500 (limits.
--- limits {"calls": 1000}
local all = {}
while true do all[#all + 1] = http_response.new('http://UPSTREAM/megabyte'):body() end

--- reply-of-garbage = 200 done
assert(not pcall(http_response.new, 'http://UPSTREAM/garbage'))
assert(not pcall(http_response.new, 'http://UPSTREAM/close'))
response.load():data():set('came', 'done')

--- reply-with-hundreds-of-headers = 200 done
local r = http_response.new('http://UPSTREAM/headers')
for i = 1, 2000 do r:headers('X-' .. i); r:headerList('X-' .. i) end
response.load():data():set('came', 'done')

--- methods-and-urls-that-are-none = 200 done
for _, method in ipairs{'', 'GET /', '\r\n', '\0', 'connect', ('X'):rep(1000)} do
  pcall(http_response.new, 'http://UPSTREAM/b', method, '')
end
for _, url in ipairs{'', '/', 'http://', 'ftp://UPSTREAM/', 'http://UPSTREAM/\r\nX: 1', 'http://nobody/', 'http://\0/', 'javascript:x'} do
  pcall(http_response.new, url)
end
response.load():data():set('came', 'done')

--- headers-that-break-out = 200 done
for _, headers in ipairs{{['X-A'] = '1\r\nX-B: 2'}, {[':path'] = '/admin'}, {['X\r\nY'] = '1'}, {[''] = ''}, {['X-A'] = {'\0'}}, {1, 2}, {[{}] = {}}} do
  pcall(http_response.new, 'http://UPSTREAM/b', 'GET', '', headers)
end
response.load():data():set('came', 'done')

--- headers-without-end = 500 (limits.
local headers = {}
for i = 1, 100000 do headers['X-' .. i] = ('v'):rep(200) end
http_response.new('http://UPSTREAM/b', 'GET', '', headers)

--- redirects-in-a-circle = 200 done
assert(not pcall(http_response.new, 'http://UPSTREAM/circle'))
response.load():data():set('came', 'done')

--- closed-and-used = 200 done
local r = http_response.new('http://UPSTREAM/b')
r:close(); r:close()
for _, method in ipairs{'body', 'statusCode', 'headers', 'headerList', 'close'} do pcall(r[method], r, 'x') end
response.load():data():set('came', 'done')

--- request-after-a-limit in pre = 500 (limits.instructions)
pcall(function() while true do end end)
pcall(http_response.new, 'http://UPSTREAM/b')
