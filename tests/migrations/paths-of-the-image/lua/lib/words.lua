local words = {}

function words.split(text)
  local all = {}
  for word in text:gmatch('[^,%s]+') do
    all[#all + 1] = word
  end
  return all
end

-- All but the first letter of a mail box.
function words.masked(mail)
  local first, rest, host = mail:match('^(.)([^@]*)@(.*)$')
  return first .. string.rep('*', #rest) .. '@' .. host
end

return words
