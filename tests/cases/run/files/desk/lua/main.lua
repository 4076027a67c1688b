package.path = '/etc/desk/lua/?.lua;' .. package.path
local words = require('words')
local ok, _ = pcall(require, 'not_installed')

function greet()
  local data = response.load():data()
  data:set('text', words.greeting(data:get('language'), data:get('name')))
  data:set('desk', os.getenv('DESK') or 'no desk')
  data:set('never', tostring(os.getenv('NEVER_SET')))
  data:set('installed', ok)
end
