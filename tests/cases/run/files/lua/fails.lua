local ways = {
  custom = function() custom_error("not today", 403) end,
  ["nil"] = function()
    local nothing
    return nothing.field
  end,
  forever = function() while true do end end,
}

function fail(how)
  ways[how]()
end
