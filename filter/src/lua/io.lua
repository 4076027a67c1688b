-- io, and the files that scripts read. Part of the library (library.lua). The host gives a file's text; an open file is an
-- empty object, and its state is kept here.
local standard, host, text_argument = ...
local error, getmetatable, select, setmetatable, type = standard.error, standard.getmetatable, standard.select,
  standard.setmetatable, standard.type
local bad, newproxy, unpack = standard.lua_modifier.bad, standard.lua_modifier.newproxy, standard.table.unpack
local find, gmatch, gsub, match, sub = standard.string.find, standard.string.gmatch, standard.string.gsub,
  standard.string.match, standard.string.sub

local io = { stdout = host.stream, stderr = host.stream }
for _, name in standard.ipairs({ "input", "output" }) do
  io[name] = function() error("io." .. name .. " is not available to a gateway script", 2) end
end
for _, name in standard.ipairs({ "popen", "tmpfile" }) do
  io[name] = function() return nil, "io." .. name .. " is not available to a gateway script" end
end

-- Files ---------------------------------------------------------------------------------------------------------------

-- The open files, by the objects that scripts hold: `name` as the script wrote it, `text`, `at` (the bytes that were read),
-- `closed`. Made when the first file is opened: the collector visits such tables each time.
local files = {}

-- Scripts can reach each method, but not this table. `__metatable` hides the metatable.
local methods = {}
local class = {
  __index = methods,
  __metatable = false,
  __tostring = function(object) return files[object].closed and "file (closed)" or "file" end,
}

local function open(name)
  local text, words = host.text(name)
  if not text then return nil, words end
  if not getmetatable(files) then setmetatable(files, { __mode = "k" }) end
  local object = newproxy(class)
  files[object] = { name = name, text = text, at = 0, closed = false }
  return object
end

local function opened(object)
  if type(object) ~= "userdata" then bad(1, "userdata", object) end
  return files[object] or bad(1, "file")
end

local function closed_already(what, file)
  return what .. " " .. file.name .. ": file already closed"
end

local function close(file)
  if file.closed then error(closed_already("close", file), 2) end
  file.closed, file.text = true, ""
  return true
end

local function next_line(file)
  if file.closed then error(closed_already("read", file), 2) end
  local text, at = file.text, file.at
  if at >= #text then return nil end
  local last = find(text, "\n", at + 1, true)
  file.at = last or #text
  if not last then return sub(text, at + 1) end
  return (gsub(sub(text, at + 1, last - 1), "\r$", ""))
end

local readers = { l = next_line }

function readers.a(file)
  local rest = sub(file.text, file.at + 1)
  file.at = #file.text
  return rest
end

-- As Go's fmt.Fscanf: blanks are skipped, ends of lines are not.
function readers.n(file)
  local blanks = match(file.text, "^[ \t\r\v\f]*()", file.at + 1)
  file.at = blanks - 1
  local next = sub(file.text, blanks, blanks)
  if next == "" then return nil end
  if next == "\n" then return nil, "unexpected newline" end
  local numeral = match(file.text, "^[+-]?%d*%.?%d*[eE][+-]?%d*", blanks) or match(file.text, "^[+-]?%d*%.?%d*", blanks)
  file.at = file.at + #numeral
  local number = match(numeral, "%d") and not match(numeral, "[eE][+-]?$") and numeral + 0
  if not number then return nil, 'strconv.ParseFloat: parsing "' .. numeral .. '": invalid syntax' end
  return number
end

local function characters(file, count)
  if file.at >= #file.text then return nil end
  local read = sub(file.text, file.at + 1, file.at + count)
  file.at = file.at + #read
  return read
end

function methods.close(object) return close(opened(object)) end

function methods.read(object, ...)
  local file = opened(object)
  if file.closed then bad(1, nil, "file is closed") end
  local count, formats, values, filled = select("#", ...), { ... }, {}, 0
  if count == 0 then count, formats = 1, { "*l" } end
  for position = 1, count do
    local format, options = formats[position], ""
    if type(format) == "number" then
      if format < 0 then bad(position + 1, nil, "a size is 0 or more") end
      options = "s"
    elseif type(format) == "string" then
      if sub(format, 1, 1) ~= "*" then bad(2, nil, "invalid options:" .. format) end
      options = sub(format, 2)
    end
    for option in gmatch(options, ".") do
      local reader = option == "s" and format ~= "*s" and characters or readers[option]
      if not reader then bad(2, nil, "invalid options:" .. option) end
      local value, words = reader(file, format)
      if words then return nil, words, 1 end
      filled = filled + 1
      values[filled] = value
      if value == nil then return unpack(values, 1, filled) end
    end
  end
  return unpack(values, 1, filled)
end

function methods.lines(object)
  local file = opened(object)
  return function() return (next_line(file)) end
end

local whences = { set = true, cur = true, ["end"] = true }

function methods.seek(object, ...)
  local file = opened(object)
  local count, whence, offset = select("#", ...), ...
  if count == 0 then whence = "cur" end
  if count < 2 then offset = 0 end
  if type(offset) ~= "number" then bad(3, "number", offset) end
  whence = text_argument(2, whence)
  if not whences[whence] then bad(2, nil, "invalid option: " .. whence .. " (must be one of set,cur,end)") end
  if file.closed then return nil, closed_already("seek", file) end
  local at = (whence == "cur" and file.at or whence == "end" and #file.text or 0) + offset
  if not (at >= 0 and at < 9e15) then return nil, "seek " .. file.name .. ": invalid argument" end
  file.at = at - at % 1
  return file.at
end

for _, name in standard.ipairs({ "flush", "setvbuf", "write" }) do
  methods[name] = function(object)
    return nil, "file " .. opened(object).name .. " is opened for only reading.", 1
  end
end

-- The library ---------------------------------------------------------------------------------------------------------

local reads, modes = { r = true, rb = true }, "r,rb,w,wb,a,ab,r+,rb+,w+,wb+,a+,ab+"
local writes = {}
for mode in gmatch(modes, "[^,]+") do writes[mode] = not reads[mode] end

function io.open(...)
  local name, mode = text_argument(1, (...)), "r"
  if select("#", ...) > 1 then mode = text_argument(2, (select(2, ...))) end
  if writes[mode] == nil then bad(2, nil, "invalid option: " .. mode .. " (must be one of " .. modes .. ")") end
  if writes[mode] then
    return nil, "open " .. name .. ": read-only file system (a gateway script reads files, and writes none)", 1
  end
  local file, words = open(name)
  if file then return file end
  if host.absence(name) then host.missing("io.open", name) end
  return nil, words, 1
end

function io.lines(...)
  if select("#", ...) == 0 then error("io.lines of standard input is not available to a gateway script", 2) end
  local name = text_argument(1, (...))
  local object = open(name)
  if not object then
    -- As in gopher-lua: no value at all.
    if host.absence(name) then host.missing("io.lines", name) end
    return
  end
  local file = files[object]
  return function()
    local line = next_line(file)
    if line == nil then close(file) end
    return line
  end
end

function io.close(...)
  if select("#", ...) == 0 then error("io.close of standard output is not available to a gateway script", 2) end
  if (...) == host.stream then return true end
  return close(opened((...)))
end

function io.type(value)
  if value == host.stream then return "file" end
  local file = type(value) == "userdata" and files[value]
  return file and (file.closed and "closed file" or "file") or nil
end

function io.read() return nil end
function io.flush() return true end

function io.write(...)
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if type(value) ~= "string" and type(value) ~= "number" then bad(i, "string", value) end
  end
  host.print(host.line("", ...))
  return true
end

return io
