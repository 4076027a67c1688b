function envoy_on_request(handle)
  local sum = 0
  for i = 1, 10000 do sum = sum + i % 7 end
  handle:headers():replace('x-from', tostring(sum))
end
