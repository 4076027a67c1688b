function rename(req)
  req:path("/v2" .. req:path())
  local tenant = req:header("X-Tenant")
  req:headers("X-Tenant", tenant)
end
