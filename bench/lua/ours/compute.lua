local sum = 0
for i = 1, 10000 do sum = sum + i % 7 end
ctx.load():headers('X-From', tostring(sum))
