local resp = response.load()
resp:data():set("by", "a partial")
