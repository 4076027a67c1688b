-- Code that scripts load: files, modules, and `package`. Part of the library (library.lua). The host compiles files
-- (modules.rs): this file raises the errors, and keeps what each environment has loaded.
local standard, host, text_argument = ...
local error, getmetatable, rawequal, rawget, select, setmetatable, tostring, type = standard.error, standard.getmetatable,
  standard.rawequal, standard.rawget, standard.select, standard.setmetatable, standard.tostring, standard.type
local copy, bad, newproxy = standard.lua_modifier.copy, standard.lua_modifier.bad, standard.lua_modifier.newproxy
local find, gmatch, gsub, match, sub = standard.string.find, standard.string.gmatch, standard.string.gsub,
  standard.string.match, standard.string.sub

local base = {}

-- Files --------------------------------------------------------------------------------------------------------------

-- Gives a file's function, in the globals of the stage; or nothing, and the reason.
local function load_file(asked_by, path)
  local maker, why = host.load(path)
  if maker then return maker(host.globals(), host.pack) end
  if host.absence(path) then host.missing(asked_by, path) end
  return nil, why
end

-- Without a name gopher-lua reads the standard input, which is empty: this is the function of an empty file.
local function nothing() end

function base.dofile(name)
  local kind = type(name)
  local path = kind == "string" and name or kind == "number" and tostring(name) or ""
  if path == "" then return end
  local loaded, why = load_file("dofile", path)
  if not loaded then error(why, 0) end
  return loaded()
end

function base.loadfile(...)
  if select("#", ...) == 0 then return nothing end
  local path = text_argument(1, (...))
  local absence, is_for_a_shell = host.absence(path)
  if absence then
    host.missing("loadfile", path)
    return nil, "can not open file: " .. path
  end
  if is_for_a_shell then return nil, path .. " line:1(column:1) near '#':   syntax error\n" end
  return load_file("loadfile", path)
end

-- Modules ------------------------------------------------------------------------------------------------------------

-- The modules that each environment has loaded, and its loaders, whatever scripts make of `package`. Made when first needed:
-- the collector visits such tables each time.
local registries

-- Stands for a module that is being loaded, or whose loading failed.
local loading = newproxy()

local function field(name)
  local package = rawget(host.globals(), "package")
  if type(package) ~= "table" then
    error("attempt to index a non-table object(" .. type(package) .. ") with key '" .. name .. "'", 2)
  end
  return package[name]
end

local function preloaded(name)
  name = text_argument(1, name)
  local preload = field("preload")
  if type(preload) ~= "table" then error("package.preload must be a table", 2) end
  local value = preload[name]
  if value == nil then return "no field package.preload['" .. name .. "']" end
  return value
end

local function from_file(name)
  name = text_argument(1, name)
  local path = field("path")
  if type(path) ~= "string" then error("package.path must be a string", 2) end
  local inserted = gsub(gsub(name, "%.", "/"), "%%", "%%%%")
  local messages, from, first = "", 1, nil
  repeat
    local divided = find(path, ";", from, true)
    local file = gsub(sub(path, from, (divided or 0) - 1), "%?", inserted)
    local absence = host.absence(file)
    if not absence then
      local loaded, why = load_file("require", file)
      if not loaded then error(why, 2) end
      return loaded
    end
    first = first or file
    messages = messages .. (messages == "" and "" or "\n\t") .. "stat " .. file .. ": " .. absence
    from = (divided or 0) + 1
  until not divided
  return messages, first
end

function base.require(name)
  name = text_argument(1, name)
  local registry = registries[host.globals()]
  local loaded, loaders = registry.loaded, registry.loaders
  local value = loaded[name]
  if value then
    if rawequal(value, loading) then error("loop or previous error loading module: " .. name, 2) end
    return value
  end
  local position, messages, looked_for = 1, "", nil
  while true do
    local loader = rawget(loaders, position)
    if loader == nil then
      if looked_for then host.missing("require", looked_for) end
      error("module " .. name .. " not found:\n\t" .. messages .. ", ", 2)
    end
    local found, first = loader(name)
    if type(found) == "function" then
      loaded[name] = loading
      local result = found(name)
      value = loaded[name]
      if not rawequal(value, loading) then return value end
      if result == nil then result = true end
      loaded[name] = result
      return result
    end
    if type(found) == "string" then
      messages = messages .. (position > 1 and "\n\t" or "") .. found
      if loader == from_file then looked_for = first end
    end
    position = position + 1
  end
end

function base.module(name, ...)
  name = text_argument(1, name)
  local globals = host.caller()
  local loaded = registries[host.globals()].loaded
  local module = loaded[name]
  if type(module) ~= "table" then
    module = globals
    for part in gmatch(name, "[^.]+") do
      local inner = rawget(module, part)
      if inner == nil then
        inner = {}
        module[part] = inner
      elseif type(inner) ~= "table" then
        error("name conflict for module: " .. name, 2)
      end
      module = inner
    end
    loaded[name] = module
  end
  if module._NAME == nil then
    module._M, module._NAME, module._PACKAGE = module, name, match(name, "^(.*%.)[^.]*$") or ""
  end
  local changed, message = host.setfenv(1, module)
  if not changed then error(message, 2) end
  local count, options = select("#", ...), { ... }
  for i = 1, count do options[i](module) end
  return module
end

local package = {
  path = "./?.lua;/usr/local/share/lua/5.1/?.lua;/usr/local/share/lua/5.1/?/init.lua", cpath = "",
  config = "/\n;\n?\n!\n-\n",
  loaded = true, loaders = true, preload = true,
  loadlib = function() error("loadlib is not supported", 2) end,
  seeall = function(module)
    if type(module) ~= "table" then bad(1, "table", module) end
    local metatable = getmetatable(module)
    if metatable == nil then
      metatable = {}
      setmetatable(module, metatable)
    end
    metatable.__index = host.globals()
  end,
}

-- Puts `package` into fresh globals; `plain` has the names of the globals that count as loaded.
local function equip(globals, plain)
  local loaded, own = copy(plain), copy(package)
  for name in standard.next, plain do loaded[name] = rawget(globals, name) end
  loaded._G, loaded.package = globals, own
  own.loaded, own.preload, own.loaders = loaded, {}, { preloaded, from_file }
  registries = registries or setmetatable({}, { __mode = "k" })
  registries[globals] = { loaded = loaded, loaders = own.loaders }
  globals.package = own
end

return base, equip
