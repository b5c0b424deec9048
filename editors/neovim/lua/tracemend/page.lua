--- Pages beside the code: the explanation of a failure, the status.

local messages = require('tracemend.messages')
local options = require('tracemend.options')

local M = {}

--- Show lines in a window of their own, which `q` closes; a page of that name that is open is written anew.
---@param name string
---@param lines string[]
---@param filetype string
---@return integer the buffer
function M.show(name, lines, filetype)
  local buffer = M.buffer_of(name)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].filetype = filetype
  if vim.fn.bufwinid(buffer) == -1 then
    local before = vim.api.nvim_get_current_win()
    vim.cmd(options.get().page_window)
    vim.api.nvim_win_set_buf(0, buffer)
    vim.wo.wrap = true
    vim.wo.linebreak = true
    vim.api.nvim_set_current_win(before)
  end
  return buffer
end

--- Return the buffer of a page, made if need be.
function M.buffer_of(name)
  local full = 'tracemend://' .. name
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_name(buffer) == full then
      return buffer
    end
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(buffer, full)
  vim.bo[buffer].bufhidden = 'wipe'
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buffer, nowait = true })
  return buffer
end

--- The handler of `window/showDocument`: the server writes pages to temporary files and asks to have them shown.
function M.show_document(_, params)
  local read, lines = pcall(vim.fn.readfile, vim.uri_to_fname(params.uri))
  if not read then
    messages.warn('The page cannot be read: ' .. params.uri)
    return { success = false }
  end
  M.show(vim.fn.fnamemodify(vim.uri_to_fname(params.uri), ':t'), lines, 'markdown')
  return { success = true }
end

return M
