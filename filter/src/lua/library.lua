-- The library as scripts see it. Lua's own functions where they do what KrakenD's scripts expect; the others are made here.
-- Runs once per Lua state. Nothing below may use a global, or keep a value that a script could change: all environments share
-- these functions. `standard` holds Lua's libraries, `host` the functions that Rust adds.
local standard, host, open = ...
local error, getmetatable, next, pairs, rawget, rawset, select, setmetatable, tostring, tonumber, type =
  standard.error, standard.getmetatable, standard.next, standard.pairs, standard.rawget, standard.rawset,
  standard.select, standard.setmetatable, standard.tostring, standard.tonumber, standard.type
local concat, copy, pack = standard.table.concat, standard.lua_modifier.copy, standard.table.pack
local bad, kind_of, newproxy = standard.lua_modifier.bad, standard.lua_modifier.kind, standard.lua_modifier.newproxy
local find, gmatch = standard.string.find, standard.string.gmatch

-- bad(position, expected, value) raises an error about an argument of the function that the script called, under the name that
-- the script used; errors have the line of the script, whatever the level (lua_errors.h).

local function text_argument(position, value)
  if type(value) == "number" then return tostring(value) end
  if type(value) ~= "string" then bad(position, "string", value) end
  return value
end

local function pick(from, names)
  local to = {}
  for name in gmatch(names, "%S+") do to[name] = from[name] end
  return to
end

local base = pick(standard, [[assert error getmetatable ipairs next pairs rawequal rawget rawset select setmetatable
  tonumber tostring type]])
base.unpack = standard.table.unpack
base._VERSION = "Lua 5.1"
base._GOPHER_LUA_VERSION = "GopherLua 0.1"
base.newproxy = function(like)
  return newproxy(like == true and {} or type(like) == "userdata" and getmetatable(like) or nil)
end

-- An object's metatable is the global that made it, as in gopher-lua: `getmetatable(list) == luaList`. It is the stage's own.
local prototypes, classes = {}, setmetatable({}, { __mode = "k" })

function base.getmetatable(...)
  local metatable = getmetatable(...)
  local kind = metatable == false and kind_of((...))
  if not kind then return metatable end
  local globals = host.globals()
  local class = rawget(globals, kind)
  if type(class) == "table" then return class end
  local own = classes[globals] or {}
  classes[globals] = own
  own[kind] = own[kind] or copy(prototypes[kind])
  return own[kind]
end

-- gopher-lua has this function, and no script needs it.
base._printregs = function() end

-- Errors of the host's functions are objects of the host. A script sees their text, as gopher-lua's errors are text.
local function seen(ok, ...)
  if not ok and type((...)) == "userdata" then return false, host.error_value((...)) end
  return ok, ...
end

local pcall, xpcall = standard.pcall, standard.xpcall

-- The error about a value that cannot be called names no place.
local function called(f, ok, ...)
  if ok then return ok, ... end
  if type(f) ~= "function" and (getmetatable(f) or {}).__call == nil then
    return false, "attempt to call a " .. type(f) .. " value"
  end
  return seen(ok, ...)
end

function base.pcall(...)
  if select("#", ...) == 0 then bad(1, "value") end
  return called((...), pcall(...))
end

function base.xpcall(f, handler)
  if type(f) ~= "function" then bad(1, "function", f) end
  if type(handler) ~= "function" then bad(2, "function", handler) end
  return xpcall(f, function(err)
    local _, text = seen(false, err)
    return handler(text)
  end)
end

-- gopher-lua collects when asked, and gives nothing back. Here only the host decides when to collect.
function base.collectgarbage() end

local function line(separator, ...)
  local count = select("#", ...)
  if count == 1 then return tostring((...)) end
  local texts = { ... }
  for i = 1, count do texts[i] = tostring(texts[i]) end
  return concat(texts, separator)
end

function base.print(...)
  host.print(line("\t", ...))
end
host.line = line

-- Functions and their environments ------------------------------------------------------------------------------

-- A value that is neither a function nor a level has the globals as its environment.
function base.getfenv(...)
  local f = ...
  if select("#", ...) == 0 then f = 1 end
  return host.getfenv((type(f) == "function" or type(f) == "number") and f or 0)
end

function base.setfenv(f, env)
  if type(env) ~= "table" then bad(2, "table", env) end
  local changed, message = host.setfenv(f, env)
  if not changed then error(message, 2) end
  return changed
end

local function chunk_name(name)
  if name ~= nil and type(name) ~= "string" then bad(2, "string", name) end
  return name
end

-- Gives one value if the text compiles, and two if it does not.
local function compiled(chunk, message)
  if chunk then return chunk end
  return nil, message
end

function base.loadstring(text, name)
  return compiled(host.compile(text_argument(1, text), chunk_name(name)))
end

function base.load(chunk, name, _, env)
  local text = chunk
  if type(chunk) == "function" then
    local pieces, count = {}, 0
    while true do
      local piece = chunk()
      if piece == nil or piece == "" then break end
      if type(piece) ~= "string" then return nil, "reader function must return a string" end
      count = count + 1
      pieces[count] = piece
    end
    text = concat(pieces)
  elseif type(chunk) ~= "string" then
    bad(1, "function", chunk)
  end
  return compiled(host.compile(text, chunk_name(name), type(env) == "table" and env or nil))
end

local libraries = {}

-- table ---------------------------------------------------------------------------------------------------------

libraries.table = pick(standard.table, "concat insert remove sort")

function libraries.table.getn(list)
  if type(list) ~= "table" then bad(1, "table", list) end
  return #list
end

function libraries.table.maxn(list)
  if type(list) ~= "table" then bad(1, "table", list) end
  local largest = 0
  for key in next, list do
    if type(key) == "number" and key > largest then largest = key end
  end
  return largest
end

-- coroutine -----------------------------------------------------------------------------------------------------

local create, resume, running, status, yield, isyieldable = standard.coroutine.create, standard.coroutine.resume,
  standard.coroutine.running, standard.coroutine.status, standard.coroutine.yield, standard.coroutine.isyieldable

-- The first value that the host's functions yield when they wait. Comparing functions calls no metamethod of a script.
local function token() end

local cannot_wait = "a script cannot wait inside a function that Lua calls from C (a table.sort comparator, "
  .. "a string.gsub callback)"

-- The words of KrakenD's VM.
local coroutine_words = {
  ["cannot resume dead coroutine"] = "can not resume a dead thread",
  ["cannot resume non-suspended coroutine"] = "can not resume a running thread",
}
local said_by_resume = {}
for _, words in next, coroutine_words do said_by_resume[words] = true end

-- A yield of the host passes outward through the script's own coroutines, and the answer passes back inward.
local function hand_over(co, ok, ...)
  if ok and (...) == token then
    if not isyieldable() then error(cannot_wait, 0) end
    return hand_over(co, resume(co, yield(...)))
  end
  if not ok then return false, coroutine_words[(...)] or (...) end
  return ok, ...
end

local function results(ok, ...)
  if ok then return ... end
  error((...), said_by_resume[(...)] and 1 or 0)
end

-- The coroutines that scripts made. Scripts never see coroutines that the host made.
local own = setmetatable({}, { __mode = "k" })

local function new_coroutine(f, name)
  if type(f) ~= "function" then bad(1, "function", f) end
  local co = create(f)
  own[co] = true
  return co
end

libraries.coroutine = {
  create = function(f) return (new_coroutine(f, "create")) end,
  resume = function(co, ...)
    if type(co) ~= "thread" then bad(1, "thread", co) end
    return seen(hand_over(co, resume(co, ...)))
  end,
  wrap = function(f)
    local co = new_coroutine(f, "wrap")
    return function(...) return results(hand_over(co, resume(co, ...))) end
  end,
  yield = function(...)
    if not own[running()] then error("can not yield from outside of a coroutine", 2) end
    return yield(...)
  end,
  status = function(co)
    if type(co) ~= "thread" then bad(1, "thread", co) end
    return status(co)
  end,
  running = function()
    local co = running()
    return own[co] and co or nil
  end,
}

if open then
  -- string and math ---------------------------------------------------------------------------------------------

  libraries.string = pick(standard.string, [[byte char dump find format gmatch gsub len lower match rep reverse sub upper]])
  libraries.string.gfind = standard.string.gmatch

  libraries.math = pick(standard.math, [[abs acos asin atan ceil cos cosh deg exp floor fmod frexp huge ldexp log log10
    max min modf pi pow rad random sin sinh sqrt tan tanh]])
  libraries.math.huge = 1.7976931348623157e308
  libraries.math.mod = function(a, b)
    return (tonumber(a) or bad(1, "number", a)) % (tonumber(b) or bad(2, "number", b))
  end
  local atan = standard.math.atan
  local function number_argument(position, value)
    return tonumber(value) or bad(position, "number", value)
  end
  libraries.math.atan = function(y) return atan(number_argument(1, y)) end
  libraries.math.atan2 = function(y, x) return atan(number_argument(1, y), number_argument(2, x)) end
  local fmod = standard.math.fmod
  libraries.math.fmod = function(x, y) return fmod(number_argument(1, x), number_argument(2, y)) end
  libraries.math.rad = function(degrees) return number_argument(1, degrees) * standard.math.pi / 180 end

  -- All environments share the generator, which starts at random: other requests would notice a seed.
  function libraries.math.randomseed(seed)
    if type(seed) ~= "number" then bad(1, "number", seed) end
  end

  -- os ----------------------------------------------------------------------------------------------------------

  local function absent(name)
    return function() error(name .. " is not available to a gateway script", 2) end
  end

  local function refused(name)
    return function() return nil, name .. " is not available to a gateway script" end
  end

  libraries.os = pick(standard.os, "date time")
  local difftime = standard.os.difftime
  function libraries.os.difftime(later, earlier)
    if type(later) ~= "number" then bad(1, "number", later) end
    if type(earlier) ~= "number" then bad(2, "number", earlier) end
    return difftime(later, earlier)
  end
  libraries.os.clock = function() return host.clock() end
  libraries.os.setlocale = function() return false end
  for name in gmatch("execute exit tmpname", "%S+") do libraries.os[name] = absent("os." .. name) end
  for name in gmatch("remove rename", "%S+") do libraries.os[name] = refused("os." .. name) end

  -- The variables that scripts have set, by their globals. They live as long as the stage; KrakenD's belong to the process.
  local variables

  function libraries.os.getenv(name)
    name = text_argument(1, name)
    local own = variables and variables[host.globals()]
    local value = own and own[name] or host.getenv(name)
    return value ~= "" and value or nil
  end

  function libraries.os.setenv(name, value)
    name, value = text_argument(1, name), text_argument(2, value)
    if name == "" or find(name, "[=%z]") or find(value, "\0", 1, true) then return nil, "setenv: invalid argument" end
    local globals = host.globals()
    variables = variables or setmetatable({}, { __mode = "k" })
    variables[globals] = variables[globals] or {}
    variables[globals][name] = value
    return true
  end

  -- debug: functions that help to find a mistake, and none that reaches beyond the script ---------------------------

  libraries.debug = {
    getfenv = function(...)
      if select("#", ...) == 0 then bad(1, "value") end
      local of = type((...))
      return (of == "function" or of == "userdata" or of == "thread") and host.getfenv((...)) or nil
    end,
    setfenv = base.setfenv,
    getmetatable = base.getmetatable,
    getinfo = function(f, what)
      if type(f) ~= "function" and type(f) ~= "number" then bad(1, "function or number", f) end
      if what ~= nil and type(what) ~= "string" then bad(2, "string", what) end
      if what and find(what, "[^Slunf]") then return nil end
      return host.getinfo(f)
    end,
    traceback = function(message, level)
      if level ~= nil and type(level) ~= "number" then bad(2, "number", level) end
      if type(message) ~= "string" or message == "" then message = nil end
      return host.traceback(message, level and level > 0 and level or level and 0 or 1)
    end,
  }
  for name in gmatch("getlocal getupvalue setlocal setmetatable setupvalue", "%S+") do
    libraries.debug[name] = absent("debug." .. name)
  end
else
  libraries.coroutine = nil
end

-- Parts that few scripts need: they are made when needed, because the collector visits everything that exists ----------

local equip

local function add_modules()
  if equip then return end
  local functions
  functions, equip = host.part("modules", standard, host, text_argument)
  for name, value in next, functions do base[name] = value end
end

local function add_io()
  libraries.io = libraries.io or host.part("io", standard, host, text_argument)
end

-- Environments --------------------------------------------------------------------------------------------------

-- The methods of strings for environments that cannot name their string library, and so cannot change it.
local shared_strings = open and { __index = copy(libraries.string) } or nil

-- The string library for environments that name it, and only take functions out of it. Made when first needed.
local lent_strings

-- A library with the functions that the host adds to it: `debug.dump`.
local function joined(library, more)
  if not more then return library end
  local both = copy(library)
  for name, value in next, more do both[name] = value end
  return both
end

-- Gives a maker of environments. `mentions` is the set of names that the sources mention, or nil if they may reach any name; a
-- global that no source can name is left out. `extra` are the host's globals, `later` those that `post` finds besides. `uses`
-- tells what the code does with its globals (lua_uses.h), or is nil if that is not known.
--
-- Each environment has copies of the tables, except for those that it is lent: the code only calls their functions, and never
-- has the tables themselves. Code that sets no globals, and is lent all tables, leaves its globals as they are: all its stages
-- share them. Gives the maker, or nil if the globals are shared; the set of the lent names; and the shared globals before `post`,
-- those of `post`, and the metatable of strings.
local function template(mentions, extra, uses, later)
  local function wanted(name) return mentions == nil or mentions[name] ~= nil end
  -- With `getmetatable` a script finds the tables behind its objects and strings.
  if mentions == nil or mentions.getmetatable or uses and uses.unknown then uses = nil end
  local lent = {}
  local function lends(name, value)
    if uses == nil or uses.taken[name] or name == "string" and uses.computed then return false end
    for field in next, uses.fields[name] or {} do
      if type(value[field]) == "table" then return false end
    end
    lent[name] = true
    return true
  end
  local names_package = wanted("package") or wanted("require")
  if names_package or wanted("dofile") or wanted("loadfile") or wanted("module") then add_modules() end
  if open and wanted("io") then add_io() end
  local plain, tables, names, count = {}, {}, {}, 0
  local function add(name, value)
    if not wanted(name) then return end
    plain[name] = value
    if type(value) == "table" and not lends(name, value) then
      count = count + 1
      names[count], tables[count] = name, value
    end
  end
  for name, value in next, base do add(name, value) end
  for name, value in next, libraries do add(name, joined(value, extra[name])) end
  for name, value in next, extra do
    if not libraries[name] then
      add(name, value)
      if type(value) == "table" then prototypes[name] = value end
    end
  end

  -- `string` is its own metatable's index, as in gopher-lua: it is made first, so that a script's changes reach its methods.
  local names_strings = open and (wanted("string") or wanted("getmetatable"))
  local strings = names_strings and not lent.string and copy(libraries.string) or nil
  if strings then strings.__index = true end
  local methods_of_all = shared_strings
  if names_strings and lent.string then
    if not lent_strings then
      lent_strings = copy(libraries.string)
      lent_strings.__index = lent_strings
    end
    methods_of_all, plain.string = lent_strings, lent_strings
  end
  local names_itself, names_string = wanted("_G"), wanted("string")
  local loaded_plain = {}
  if names_itself then plain._G = true end
  if names_package then
    plain.package = true
    for name in next, libraries do if wanted(name) then loaded_plain[name] = true end end
    loaded_plain._G, loaded_plain.package = true, true
  end

  local late, all_lent = nil, count == 0
  for name, value in next, later do
    if wanted(name) then
      all_lent = lends(name, value) and all_lent
      late = late or copy(plain)
      late[name] = value
    end
  end
  -- Variables that scripts set for themselves are kept by their globals.
  local sets_variables = uses and uses.fields.os and uses.fields.os.setenv
  if uses and not uses.written and all_lent and not sets_variables then
    return nil, lent, plain, late or plain, methods_of_all
  end

  -- Most scripts that set globals need no more than this.
  if count == 0 and not strings and not names_itself and not names_package then
    return function() return copy(plain), methods_of_all end, lent
  end

  return function()
    local globals = copy(plain)
    for i = 1, count do globals[names[i]] = copy(tables[i]) end
    local methods = methods_of_all
    if strings then
      methods = copy(strings)
      methods.__index = methods
      if names_string then globals.string = methods end
    end
    if names_itself then globals._G = globals end
    if names_package then equip(globals, loaded_plain) end
    return globals, methods
  end, lent
end

return template, token, pack, copy
