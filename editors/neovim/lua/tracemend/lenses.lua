--- Run, Trace and Repair above tests. Neovim 0.12 keeps lenses up to date itself; before that it has to be told when.

local compat = require('tracemend.compat')

local M = {}

--- Show lenses in a buffer from now on.
function M.attach(buffer)
  if vim.lsp.codelens.enable then
    vim.lsp.codelens.enable(true, { bufnr = buffer })
    return
  end
  local group = vim.api.nvim_create_augroup('tracemend-lenses', { clear = false })
  vim.api.nvim_clear_autocmds({ group = group, buffer = buffer })
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave' }, {
    group = group,
    buffer = buffer,
    callback = function()
      M.refresh(buffer)
    end,
  })
end

--- The handler of `workspace/codeLens/refresh` where Neovim has none.
function M.refresh_all(_, _, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client and require('tracemend.options').get().code_lenses then
    for buffer in pairs(client.attached_buffers) do
      M.refresh(buffer)
    end
  end
  return vim.NIL
end

--- Ask for the lenses of a buffer, if it still has a server.
function M.refresh(buffer)
  local client = vim.api.nvim_buf_is_loaded(buffer) and compat.clients(buffer)[1]
  if not client then
    return
  end
  if vim.fn.has('nvim-0.10') == 0 then -- Which keeps what it shows where there are no lenses any more.
    vim.api.nvim_buf_clear_namespace(buffer, M.namespace(client), 0, -1)
  end
  vim.api.nvim_buf_call(buffer, function()
    vim.lsp.codelens.refresh({ bufnr = buffer })
  end)
end

--- Return the namespace in which Neovim draws the lenses of a client, up to 0.11.
function M.namespace(client)
  return vim.api.nvim_create_namespace('vim_lsp_codelens:' .. client.id)
end

return M
