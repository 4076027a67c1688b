function envoy_on_request(handle)
  local words = {}
  for i = 1, 200 do words[i] = string.upper(string.format('%s-%d', 'word', i)) end
  handle:headers():replace('x-from', '' .. #table.concat(words, ','))
end
