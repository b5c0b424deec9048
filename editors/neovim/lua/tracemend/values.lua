--- The values of the failing path at the ends of lines: Neovim's inlay hints where it has them (0.10), else virtual text.

local compat = require('tracemend.compat')

local M = {}

local namespace = vim.api.nvim_create_namespace('tracemend-values')

--- Show values in a buffer from now on.
function M.attach(client, buffer)
  if vim.lsp.inlay_hint then
    vim.lsp.inlay_hint.enable(true, { bufnr = buffer })
  else
    M.refresh(client, buffer)
  end
end

--- The handler of `workspace/inlayHint/refresh` where Neovim has none.
function M.refresh_all(_, _, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client and require('tracemend.options').get().values then
    for buffer in pairs(client.attached_buffers) do
      M.refresh(client, buffer)
    end
  end
  return vim.NIL
end

--- Ask for the values of a buffer and draw them.
function M.refresh(client, buffer)
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    range = {
      start = { line = 0, character = 0 },
      ['end'] = { line = vim.api.nvim_buf_line_count(buffer), character = 0 },
    },
  }
  compat.call(client, 'request', 'textDocument/inlayHint', params, function(problem, hints)
    if not problem and vim.api.nvim_buf_is_loaded(buffer) then
      M.draw(buffer, hints or {})
    end
  end, buffer)
end

--- Put hints at the ends of their lines.
function M.draw(buffer, hints)
  vim.api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  local last = vim.api.nvim_buf_line_count(buffer) - 1
  for _, hint in ipairs(hints) do
    if hint.position.line <= last then
      vim.api.nvim_buf_set_extmark(buffer, namespace, hint.position.line, 0, {
        virt_text = { { hint.label, 'TracemendValue' } },
        virt_text_pos = 'eol',
        hl_mode = 'combine',
      })
    end
  end
end

return M
