-- Asks another service before any backend is called. The call looks blocking; only this request waits.
function who_is(req)
  local answer = http_response.new("http://auth.internal/check", "POST", "",
    { ["Authorization"] = req:headers("Authorization") })
  if answer:statusCode() ~= 200 then
    custom_error("who are you?", 401)
  end
  req:headers("X-User", answer:headers("X-User"))
end
