local req = request.load()
if req:headers("X-Tenant") == "" then
  req:header("X-Tenant", "nobody")
end
