function stamp(req)
  local body = req:body()
  req:body((string.gsub(body, "tea", "coffee")))
end
