local words = {}

local function read(language)
  local file = io.open('/etc/desk/locale/' .. language .. '.txt')
  if not file then
    return nil
  end
  local text = file:read('*l')
  file:close()
  return text
end

function words.greeting(language, name)
  local text = read(language) or read('en')
  return (text:gsub('NAME', name))
end

return words
