-- Bodies and expressions that are small and stand for much, or are broken: what reads and writes other notations than JSON.

--- xml-entities-that-grow from /xml/entities = 500 the entity &lol9; is unknown
--- backend {"encoding": "xml"}

--- xml-entities-from-a-file from /xml/file = 500 the entity &file; is unknown
--- backend {"encoding": "xml"}

--- xml-of-many-levels from /xml/deep = 500 deeper than 1000 levels
--- backend {"encoding": "xml"}

--- xml-of-a-thousand-levels from /xml/levels = 200 <a><a><a>
--- backend {"encoding": "xml"}
--- endpoint {"output_encoding": "xml"}
response.load():data():set('came', 'done')

--- xml-of-a-thousand-attributes from /xml/attributes = 200 done
--- backend {"encoding": "xml", "target": "none"}
response.load():data():set('came', 'done')

--- xml-of-many-elements from /xml/elements = 200 done
--- backend {"encoding": "xml", "target": "none"}
response.load():data():set('came', 'done')

--- xml-that-is-not-closed from /xml/open = 500 the text ends while an element is open
--- backend {"encoding": "xml"}

--- xml-of-invalid-letters from /xml/letters = 500 is no letter of XML
--- backend {"encoding": "xml"}

--- xml-of-an-unknown-charset from /xml/charset = 500 the charset "no-such" is not known
--- backend {"encoding": "xml"}

--- xml-of-ampersands from /xml/ampersands = 500 not XML
--- backend {"encoding": "xml"}

--- xml-of-no-xml from /megabyte = 500 there is no element
--- backend {"encoding": "xml"}

--- feed-of-many-levels from /xml/deep = 500 deeper than 100 levels
--- backend {"encoding": "rss"}

--- feed-of-texts-in-texts from /feed/titles = 200 done
--- backend {"encoding": "rss"}
response.load():data():set('came', 'done')

--- feed-of-ampersands from /feed/ampersands = 200 done
--- backend {"encoding": "rss"}
response.load():data():set('came', 'done')

--- feed-that-is-none from /xml/levels = 500 not XML
--- backend {"encoding": "rss"}

--- yaml-aliases-that-explode from /yaml/aliases = 500 (limits.body_bytes)
--- backend {"encoding": "yaml"}

--- yaml-merges-that-explode from /yaml/merges = 500 (limits.body_bytes)
--- backend {"encoding": "yaml"}

--- yaml-that-holds-itself from /yaml/itself = 500 an alias is part of what it stands for
--- backend {"encoding": "yaml"}

--- yaml-of-many-levels from /yaml/deep = 500 deeper than 1000 levels
--- backend {"encoding": "yaml"}

--- yaml-of-many-brackets from /yaml/brackets = 500 not YAML
--- backend {"encoding": "yaml"}

--- yaml-that-honest-people-write from /yaml/honest = 200 done
--- backend {"encoding": "yaml"}
local d = response.load():data()
assert(d:get('b'):get('k') == 'v')
d:set('came', 'done')

--- out-as-xml-what-holds-itself = 500 contain itself
--- endpoint {"output_encoding": "xml"}
local d = response.load():data()
local t = luaTable.new()
d:set('t', t)
d:get('t'):set('me', d:get('t'))

--- out-as-yaml-what-holds-itself = 500 contain itself
--- endpoint {"output_encoding": "yaml"}
local d = response.load():data()
local t = luaTable.new()
d:set('t', t)
d:get('t'):set('me', d:get('t'))

--- out-as-xml-what-doubles = 500 bytes of XML
--- endpoint {"output_encoding": "xml"}
local d, t = response.load():data(), luaTable.new()
for i = 1, 40 do
  local outer = luaTable.new()
  outer:set('a', t)
  outer:set('b', t)
  t = outer
end
d:set('t', t)

--- out-as-yaml-what-doubles = 500 bytes of YAML
--- endpoint {"output_encoding": "yaml"}
local d, t = response.load():data(), luaTable.new()
for i = 1, 40 do
  local outer = luaTable.new()
  outer:set('a', t)
  outer:set('b', t)
  t = outer
end
d:set('t', t)

--- out-as-yaml-invalid-letters = 200 \x
--- endpoint {"output_encoding": "yaml"}
response.load():data():set('t', '\255\1\0')

--- an-expression-that-doubles from /fields = 500 (limits.memory_bytes)
--- backend {"extra_config": {"modifier/jmespath": {"expr": "values(@) | [@,@][] | [@,@][] | [@,@][] | [@,@][] | [@,@][] | [@,@][] | [@,@][] | [@,@][] | [@,@][] | [@,@][] | [@,@][] | [@,@][]"}}}

--- an-expression-that-quotes-itself from /fields = 500 (limits.memory_bytes)
--- endpoint {"extra_config": {"modifier/jmespath": {"expr": "to_string(@) | to_string([@,@]) | to_string([@,@]) | to_string([@,@]) | to_string([@,@]) | to_string([@,@]) | to_string([@,@]) | to_string([@,@]) | to_string([@,@])"}}}

--- an-expression-of-each-with-each from /fields = 500 (limits.instructions)
--- limits {"instructions": 300000}
--- endpoint {"extra_config": {"modifier/jmespath": {"expr": "values(@) | [@,@,@,@] | [@,@,@,@][] | map(&contains(@, `-1`), @)"}}}

--- an-expression-over-many-levels from /levels = 200 {"content":true}
--- endpoint {"extra_config": {"modifier/jmespath": {"expr": "l == l"}}}

--- an-expression-over-what-holds-itself from /b = 500 contain itself
--- endpoint {"extra_config": {"modifier/jmespath": {"expr": "t == t.me"}}}
local d, t = response.load():data(), luaTable.new()
d:set('t', t)
d:get('t'):set('me', d:get('t'))

--- an-expression-that-fails from /b = 500 modifier/jmespath: abs(): argument 1 must be number, not boolean
--- endpoint {"extra_config": {"modifier/jmespath": {"expr": "abs(ok)"}}}
