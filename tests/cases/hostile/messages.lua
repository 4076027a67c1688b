-- What scripts make of messages: none of it may begin another header or another request, or harm the gateway.

--- header-with-a-line-break in backend-post = 200 ok
response.load():headers('X-Split', '1\r\nX-Injected: 1\r\n\r\nbody')

--- request-header-with-a-line-break in pre = 500 invalid header field value
request.load():headers('X-Split', '1\r\nX-Injected: 1')

--- request-header-with-a-nul in backend = 500 invalid header field value
request.load():headers('X-Nul', 'a\0b')

--- header-names-that-are-none in pre = 500 invalid header field name
request.load():headers('X A\r\nX-B', '1')

--- pseudo-headers in pre = 500 invalid header field name
request.load():headers(':path', '/admin'); request.load():headers(':authority', 'admin')

--- pseudo-headers-of-the-client in endpoint = 500 invalid header field name
ctx.load():headers(':status', '999'); ctx.load():headers('host', 'evil')

--- framing in pre = 200 ok
local r = request.load()
r:headers('Content-Length', '99999'); r:headers('Transfer-Encoding', 'chunked'); r:headers('Connection', 'close, x-forwarded-for')

--- cluster-of-a-scripts-choice in pre = 200 ok
request.load():headers('x-lua-modifier-cluster', 'closed'); request.load():headers('x-envoy-upstream-rq-timeout-ms', '0')

--- headers-by-the-thousand in pre = 500 at most 1000 headers
local r = request.load()
for i = 1, 5000 do r:headers('X-' .. i, 'v') end

--- header-list-by-the-thousand in pre = 500 at most 1000 headers
local l = luaList.new()
for i = 0, 5000 do l:set(i, 'v') end
request.load():headerList('X-Many', l)

--- headers-that-are-no-text in pre = 200 ok
request.load():headers('X-Bytes', '\255\254\128')

--- path-with-a-line-break in backend = 500 
request.load():url('/x HTTP/1.1\r\nHost: evil\r\n\r\n')

--- url-of-another-host in backend = 500 
request.load():url('http://evil.example/')

--- url-of-another-scheme in backend = 500 unsupported protocol scheme
request.load():url('file:///etc/passwd')

--- urls-that-are-none in backend = 500 
local r = request.load()
for _, url in ipairs{'', '::', 'http://', 'http://[', '/%zz', '//x', ('/x'):rep(100000), '\255', 'http://a:b:c', '?', '#'} do pcall(r.url, r, url) end
r:url('http://[::1')

--- url-of-a-megabyte in backend = 500 
request.load():url('/' .. ('x'):rep(900000))

--- method-with-a-line-break in backend = 500 invalid method
request.load():method('GET / HTTP/1.1\r\nX: ')

--- method-that-is-none in backend = 500 invalid method
request.load():method('\0')

--- params-that-leave-the-path in pre from /b/{p} = 200 ok
request.load():params('P', '/../../admin?x=1#y')

--- query-by-the-thousand in endpoint = 500 
local c = ctx.load()
for i = 1, 100000 do c:query('k' .. i, 'v') end

--- params-by-the-million in endpoint = 500 
local c = ctx.load()
for i = 1, 1e9 do c:params('k' .. i, 'v') end

--- body-of-megabytes = 500 (limits.body_bytes)
response.load():body(('x'):rep(2000000))

--- status-that-is-none = 200 {}
for _, status in ipairs{-1, 0, 99, 1000, 65536 + 200, 0/0, 1e300} do pcall(function() response.load():statusCode(status) end) end
response.load():statusCode(7)

--- custom-error-with-a-hostile-type = 418 tea
custom_error('tea', 418, 'text/html\r\nX-Injected: 1')

--- custom-error-with-a-status-that-is-none = 500 
custom_error('x', 0)

--- custom-error-with-an-infinite-status = 500 
custom_error('x', 1/0)

--- custom-error-of-megabytes = 500 
custom_error(('x'):rep(3000000), 500)

--- custom-error-of-nothing = 500 
custom_error()

--- custom-error-of-odd-things = 500 
for _, value in ipairs{{}, print, luaTable.new(), true, '\0\r\n'} do pcall(custom_error, value, value, value) end
custom_error({}, {}, {})

--- custom-error-in-a-loop = 500 (limits.
while true do pcall(custom_error, 'x', 418) end

--- errors-of-the-host-in-a-loop = 500 (limits.instructions)
while true do pcall(luaTable.new().get, 1, 2, 3) end

--- objects-of-the-host-in-a-loop = 500 (limits.
local d = response.load():data()
while true do d:keys() luaTable.new() end

--- print-flood = 500 (limits.instructions)
while true do print(('x'):rep(200)) end

--- print-of-megabytes = 200 done
for i = 1, 10 do print(('x'):rep(1000000)) end
response.load():data():set('came', 'done')

--- print-of-line-breaks-and-escapes = 200 done
print('\r\n[2000-01-01 00:00:00.000][1][critical][main] forged\27[2J\0\255')
response.load():data():set('came', 'done')
