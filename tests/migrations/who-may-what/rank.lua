-- The first role that the endpoint allows.
function rank(r, allowed)
  for role in r:headers('X-Roles'):gmatch('[^,]+') do
    for one in allowed:gmatch('[^,]+') do
      if one == role then
        r:headers('X-Rank', role)
        return
      end
    end
  end
  custom_error(r:headers('X-User') .. ' may not do this', 403)
end
