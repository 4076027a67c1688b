return { name = 'Germany', percent = 19 }
