--- tracemend in Neovim: failing tests where they fail, the values that were there, and repairs proven beforehand.
---
--- Read `client` for how the server is found and started, `commands` for what `:Tracemend` does, `repair` and `preview`
--- for how a repair is chosen. What older Neovims lack is made up for in `compat`, `values` and `lenses` alone.

local M = {}

--- Start tracemend for Python files, those that are open already included. See `:help tracemend-options`.
---@param options table|nil
function M.setup(options)
  local client = require('tracemend.client')
  require('tracemend.options').set(options)
  local group = vim.api.nvim_create_augroup('tracemend', { clear = true })
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    pattern = 'python',
    callback = function(event)
      client.attach(event.buf)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].filetype == 'python' then
      client.attach(buffer)
    end
  end
end

--- Return one line about the tests of a buffer's project for a statusline, '' where tracemend is not at work, and the
--- folder's part of `tracemend/status` as second value.
---@param buffer integer|nil the current one if nil
---@return string, table|nil
function M.status(buffer)
  return require('tracemend.status').of_buffer(buffer or vim.api.nvim_get_current_buf())
end

return M
