-- A list of the grown ones, and how many they are.
function grown(list)
  local kept, count = luaList.new(), 0
  for at = 0, list:len() - 1 do
    if list:get(at):get('age') >= 18 then
      kept:set(count, list:get(at))
      count = count + 1
    end
  end
  return kept, count
end

function without_secrets(list)
  for at = 0, list:len() - 1 do
    list:get(at):del('secret')
  end
end
