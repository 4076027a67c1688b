-- The outermost function of every script's coroutine: runs one chunk and lets the host see where an error came from.
local xpcall, locate = ...
return function(maker, environment, pack)
  return xpcall(maker(environment, pack), locate)
end
