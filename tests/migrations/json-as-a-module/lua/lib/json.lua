-- A small JSON: objects and lists are tables, null is nil. Enough for orders.
local json = {}

local function skip(text, at)
  return text:find('%S', at) or #text + 1
end

local letters = { b = '\b', f = '\f', n = '\n', r = '\r', t = '\t' }

local function utf8(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 0x40), 0x80 + code % 0x40)
  end
  return string.char(0xE0 + math.floor(code / 0x1000), 0x80 + math.floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
end

local value

local function string_at(text, at)
  local parts = {}
  at = at + 1
  while true do
    local stop = text:find('["\\]', at)
    if not stop then
      error('a string that never ends', 0)
    end
    parts[#parts + 1] = text:sub(at, stop - 1)
    if text:sub(stop, stop) == '"' then
      return table.concat(parts), stop + 1
    end
    local letter = text:sub(stop + 1, stop + 1)
    if letter == 'u' then
      parts[#parts + 1] = utf8(tonumber(text:sub(stop + 2, stop + 5), 16))
      at = stop + 6
    else
      parts[#parts + 1] = letters[letter] or letter
      at = stop + 2
    end
  end
end

local function list_at(text, at)
  local list = {}
  at = skip(text, at + 1)
  if text:sub(at, at) == ']' then
    return list, at + 1
  end
  while true do
    list[#list + 1], at = value(text, at)
    at = skip(text, at)
    local letter = text:sub(at, at)
    if letter == ']' then
      return list, at + 1
    elseif letter ~= ',' then
      error('a list that breaks off at ' .. at, 0)
    end
    at = at + 1
  end
end

local function object_at(text, at)
  local object = {}
  at = skip(text, at + 1)
  if text:sub(at, at) == '}' then
    return object, at + 1
  end
  while true do
    at = skip(text, at)
    local key
    key, at = string_at(text, at)
    at = skip(text, at)
    object[key], at = value(text, at + 1)
    at = skip(text, at)
    local letter = text:sub(at, at)
    if letter == '}' then
      return object, at + 1
    elseif letter ~= ',' then
      error('an object that breaks off at ' .. at, 0)
    end
    at = at + 1
  end
end

function value(text, at)
  at = skip(text, at)
  local letter = text:sub(at, at)
  if letter == '{' then
    return object_at(text, at)
  elseif letter == '[' then
    return list_at(text, at)
  elseif letter == '"' then
    return string_at(text, at)
  end
  local word = text:match('^%a+', at)
  if word then
    return ({ ['true'] = true, ['false'] = false })[word], at + #word
  end
  local number = text:match('^-?[%d.eE+-]+', at)
  if not number then
    error('nothing at ' .. at, 0)
  end
  return tonumber(number), at + #number
end

function json.read(text)
  return (value(text, 1))
end

local function quoted(text)
  text = text:gsub('[%c"\\]', function(letter)
    return string.format('\\u%04x', letter:byte())
  end)
  return '"' .. text .. '"'
end

function json.write(any)
  if type(any) == 'string' then
    return quoted(any)
  elseif type(any) ~= 'table' then
    return tostring(any)
  end
  local parts = {}
  if #any > 0 then
    for place, item in ipairs(any) do
      parts[place] = json.write(item)
    end
    return '[' .. table.concat(parts, ',') .. ']'
  end
  for key, item in pairs(any) do
    parts[#parts + 1] = quoted(key) .. ':' .. json.write(item)
  end
  return '{' .. table.concat(parts, ',') .. '}'
end

return json
