local words = {}
for i = 1, 200 do words[i] = string.upper(string.format('%s-%d', 'word', i)) end
ctx.load():headers('X-From', '' .. #table.concat(words, ','))
