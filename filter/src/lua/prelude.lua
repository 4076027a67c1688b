-- The outermost function of every script's coroutine: runs one chunk, and tells the host where an error was raised.
local xpcall, locate = ...
return function(maker, environment, pack)
  return xpcall(maker(environment, pack), locate)
end
