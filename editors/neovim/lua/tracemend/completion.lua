--- The text that a model writes at the cursor, where Neovim shows such text (0.12); older ones are left alone.

local M = {}

--- Show it in a buffer from now on. There is none as long as no model is configured.
---@param buffer integer
function M.attach(buffer)
  if M.is_supported() then
    vim.lsp.inline_completion.enable(true, { bufnr = buffer })
  end
end

--- Say whether this Neovim has inline completion.
---@return boolean
function M.is_supported()
  return vim.lsp.inline_completion ~= nil
end

return M
