function tell(method, request)
  local answer = http_response.new('http://two.internal/' .. request:params('Path'), method, '')
  print(method, answer:statusCode(), answer:headers('Content-Length'), '[' .. answer:body() .. ']')
end
