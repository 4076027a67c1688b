local d = response.load():data()
local c = d:get('source_result')
local m = c:get('message')
if string.match(m, 'Successfully') then d:set('result', 'success') else d:set('result', 'failed') end
