return { name = 'Portugal', percent = 23 }
