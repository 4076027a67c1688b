-- Several ways.
local names = {
  ["1"] = "one",
  ["2"] = "two",
}

local function unused()
  return 1
end

function choose(req, resp)
  local n = req:params("N")
  local data = resp:data()
  if n == "1" then
    data:set("way", names[n])
  elseif n == "2" then
    data:set("way", "second")
    data:set("more", unused())
  else
    custom_error("no way", 404)
  end
  repeat
    n = nil
  until n == nil
  while n do break end
end
