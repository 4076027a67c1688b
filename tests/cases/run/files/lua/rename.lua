function rename(resp)
  local data = resp:data()
  data:set("full_name", data:get("name"))
  data:del("name")
  resp:headers("X-Renamed", "yes")
end
