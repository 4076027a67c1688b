function must_be_number(id)
  if not id:match('^%d+$') then
    custom_error('{"error":"' .. id .. ' is no number"}', 400, 'application/json')
  end
end
