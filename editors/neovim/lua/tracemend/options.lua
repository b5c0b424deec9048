--- The options of `setup`, checked once; see `:help tracemend-options`.

local M = {}

local defaults = {
  cmd = { 'tracemend', 'lsp' },
  root_markers = { 'pyproject.toml', 'pytest.ini', 'tox.ini', 'setup.cfg', 'setup.py', '.git' },
  trusted = nil, -- Nothing said: the server's own rules hold.
  settings = {}, -- Below `tracemend`, in camelCase.
  values = true,
  code_lenses = true,
  inline_completion = true,
  page_window = 'botright vsplit',
  log_file = vim.fn.stdpath('cache') .. '/tracemend.log',
  on_attach = nil,
}

local types = {
  cmd = { 'table', 'function' },
  root_markers = { 'table' },
  trusted = { 'boolean', 'function' },
  settings = { 'table' },
  values = { 'boolean' },
  code_lenses = { 'boolean' },
  inline_completion = { 'boolean' },
  page_window = { 'string' },
  log_file = { 'string', 'boolean' },
  on_attach = { 'function' },
}

local current = nil

--- Take what the user said over the defaults. Raises an error that names what is wrong.
---@param given table|nil
function M.set(given)
  given = given or {}
  for name, value in pairs(given) do
    if not types[name] then
      local known = vim.tbl_keys(types)
      table.sort(known)
      error(('tracemend: there is no option %q; there are %s'):format(name, table.concat(known, ', ')), 0)
    end
    if not vim.tbl_contains(types[name], type(value)) then
      local wanted = table.concat(types[name], ' or ')
      error(('tracemend: the option %q takes a %s, not a %s'):format(name, wanted, type(value)), 0)
    end
  end
  current = vim.tbl_extend('force', defaults, given)
end

--- Return the options.
---@return table
function M.get()
  return current or defaults
end

--- Say whether `setup` was called.
---@return boolean
function M.are_set()
  return current ~= nil
end

return M
