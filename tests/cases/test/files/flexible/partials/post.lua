response.load():data():set("by", "a partial")
