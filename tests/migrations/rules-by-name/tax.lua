function tax(country, data)
  local there, rules = pcall(dofile, 'rules/' .. country .. '.lua')
  if not there then
    custom_error('no rules for ' .. country, 404)
  end
  data:set('gross', data:get('net') * (100 + rules.percent) / 100)
  data:set('country', rules.name)
end
