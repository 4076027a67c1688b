-- What the host needs of Lua itself: the outermost function of every script's coroutine, and functions that wait.
local xpcall, locate, yield, isyieldable, error, token = ...

local function run(maker, environment, pack)
  return xpcall(maker(environment, pack), locate)
end

local function waiting(prepare, finish)
  return function(...)
    if prepare(...) then
      if not isyieldable() then
        error("a script cannot wait inside a function that Lua calls from C (a table.sort comparator, a string.gsub callback)", 2)
      end
      yield(token)
    end
    return finish(...)
  end
end

return run, waiting
