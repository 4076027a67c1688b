
-- What is decided of a request, for its response: as text under these names, in the stream's dynamic metadata.
local NAMESPACE = "lua-modifier.front"

-- The first value, as Go's Header.Get gives it.
local function first(headers, name)
  local value = headers:getAtIndex(name, 0)
  return value or ""
end

-- No origin of a browser has a comma: that is two headers in one.
local function is_plain(text)
  return text ~= "" and not text:find("[^%w%p]") and not text:find(",", 1, true)
end

local function allows_origin(origin)
  if CORS.any then return origin ~= "" end
  if not is_plain(origin) then return false end
  origin = origin:lower()
  if CORS.origins[origin] then return true end
  for _, pattern in ipairs(CORS.patterns) do
    local starts, ends = pattern[1], pattern[2]
    if #origin >= #starts + #ends and origin:sub(1, #starts) == starts and origin:sub(#origin - #ends + 1) == ends then
      return true
    end
  end
  return false
end

local function allows_method(method)
  return method == "OPTIONS" or CORS.methods[method] == true
end

-- Browsers send names in order, in lower case, each once.
local function allows_headers(list)
  local last, empty, from = 0, 0, 1
  while true do
    local comma = list:find(",", from, true)
    local name = list:sub(from, (comma or #list + 1) - 1):match("^[ \t]?(.-)[ \t]?$")
    if name == "" then
      empty = empty + 1
      if empty > 16 then return false end
    else
      local place = CORS.headers[name]
      if not place or place <= last then return false end
      last = place
    end
    if not comma then return true end
    from = comma + 1
  end
end

local function preflight(headers, origin, method)
  local answer = { vary = CORS.preflight_vary }
  local names = headers:get("access-control-request-headers")
  if not allows_origin(origin) or not allows_method(method) then return answer end
  if names and CORS.headers and not allows_headers(names) then return answer end
  answer["access-control-allow-origin"] = CORS.any and "*" or origin
  answer["access-control-allow-methods"] = method
  if names and names ~= "" then answer["access-control-allow-headers"] = names end
  if CORS.credentials then answer["access-control-allow-credentials"] = "true" end
  if CORS.private_network and first(headers, "access-control-request-private-network") == "true" then
    answer["access-control-allow-private-network"] = "true"
  end
  answer["access-control-max-age"] = CORS.max_age
  return answer
end

local function actual(origin, method)
  local marks = { vary = CORS.passes_preflights and "Origin" or nil }
  if allows_origin(origin) and allows_method(method) then
    marks["access-control-allow-origin"] = CORS.any and "*" or origin
    marks["access-control-expose-headers"] = CORS.exposed
    if CORS.credentials then marks["access-control-allow-credentials"] = "true" end
  end
  return marks
end

-- The host that is meant, and which header says so.
local function host_of(headers)
  for number, name in ipairs(HTTP.host_headers) do
    local host = first(headers, name)
    if host ~= "" then return host, number, name end
  end
  return headers:get(":authority") or "", 0, ":authority"
end

local function allows_host(handle, headers, host, number, name)
  if HTTP.hosts then return HTTP.hosts[host:lower()] == true end
  -- Expressions are the business of the filters in front of this one. Of a header that comes twice they see both values.
  local said = handle:streamInfo():dynamicMetadata():get("envoy.filters.http.rbac")
  local result = said and said["lua_modifier_host" .. number .. "_shadow_engine_result"]
  return result == "allowed" and (headers:getNumValues(name) or 0) == 1 and not host:find(",", 1, true)
end

local function came_by_tls(handle, headers)
  if handle:streamInfo():downstreamSslConnection() then return true end
  for _, proof in ipairs(HTTP.proof) do
    if first(headers, proof[1]) == proof[2] then return true end
  end
  return false
end

local function answer(marks, status, own)
  local all = { [":status"] = status }
  if CORS then all.vary = "Origin" end
  for name, value in pairs(marks) do all[name] = value end
  for name, value in pairs(own) do all[name] = value end
  return all
end

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&#34;", ["'"] = "&#39;" }

local function redirect(marks, headers, method, host)
  local path = headers:get(":path") or "/"
  if path:sub(1, 1) ~= "/" then path = "/" .. path end
  path = path:gsub("[^\33-\126]", function(byte) return ("%%%02X"):format(byte:byte()) end)
  local location = "https://" .. (HTTP.ssl_host or host) .. path
  local own, body = { location = location }, nil
  if method == "GET" or method == "HEAD" then own["content-type"] = "text/html; charset=utf-8" end
  if method == "GET" then
    body = '<a href="' .. location:gsub("[&<>\"']", ENTITIES) .. '">Moved Permanently</a>.\n\n'
  end
  return answer(marks, "301", own), body
end

-- An answer and its body, or what the response will need.
local function decide(handle)
  local headers, marks = handle:headers(), {}
  local method = headers:get(":method")
  if CORS then
    local origin = headers:get("origin") or ""
    local asked = headers:get("access-control-request-method") or ""
    if method == "OPTIONS" and asked ~= "" then
      marks = preflight(headers, origin, asked)
      if not CORS.passes_preflights then
        marks[":status"] = "204"
        return marks
      end
    else
      marks = actual(origin, method)
    end
  end
  if HTTP then
    local host, number, name = host_of(headers)
    if HTTP.checks_hosts and not allows_host(handle, headers, host, number, name) then
      local own = { ["content-type"] = "text/plain; charset=utf-8", ["x-content-type-options"] = "nosniff" }
      return answer(marks, "500", own), "Bad Host\n"
    end
    local tls = came_by_tls(handle, headers)
    if HTTP.redirects and not tls then return redirect(marks, headers, method, host) end
    if HTTP.sts and tls then marks["strict-transport-security"] = HTTP.sts end
  end
  return nil, nil, marks
end

function envoy_on_request(handle)
  local done, answer, body, marks = pcall(decide, handle)
  if not done then
    -- Envoy would let the request pass: rather no answer than one that nobody has looked at.
    handle:logErr("lua-modifier.front: " .. tostring(answer))
    answer, body, marks = { [":status"] = "500" }, nil, {}
  end
  local metadata = handle:streamInfo():dynamicMetadata()
  if answer then
    metadata:set(NAMESPACE, "answered", "1")
    if body then handle:respond(answer, body) else handle:respond(answer) end
    return
  end
  for name, value in pairs(marks) do metadata:set(NAMESPACE, name, value) end
  if SAVED then handle:headers():remove(SAVED) end
end

-- KrakenD sets its own before a backend's come: they stand first.
local function put(headers, name, value)
  local count, others = headers:getNumValues(name) or 0, {}
  for index = 0, count - 1 do
    local other = headers:getAtIndex(name, index)
    if other ~= value then others[#others + 1] = other end
  end
  if count == 1 and #others == 0 then return end
  headers:remove(name)
  headers:add(name, value)
  for _, other in ipairs(others) do headers:add(name, other) end
end

function envoy_on_response(handle)
  local marks = handle:streamInfo():dynamicMetadata():get(NAMESPACE) or {}
  if marks.answered then return end
  local headers = handle:headers()
  for _, header in ipairs(ALWAYS) do put(headers, header[1], marks[header[1]] or header[2]) end
  for _, name in ipairs(MARKED) do
    if marks[name] then put(headers, name, marks[name]) end
  end
end
