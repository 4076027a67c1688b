function give_id(c)
  if c:headers('X-Request-Id') == '' then
    c:headers('X-Request-Id', string.format('%x-%06x', os.time(), math.random(0, 0xffffff)))
  end
end
