function find_tenant(c)
  local tenant = c:host():match('^([%w-]+)%.example%.com')
  if not tenant then
    custom_error('no such tenant', 404)
  end
  c:headers('X-Tenant', tenant)
end
