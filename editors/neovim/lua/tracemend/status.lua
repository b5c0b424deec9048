--- What `tracemend/status` said last, by client.

local compat = require('tracemend.compat')

local M = {}

local by_client = {}

--- The handler of `tracemend/status`. Whoever shows it can listen to the event `User TracemendStatus`.
function M.receive(_, params, context)
  by_client[context.client_id] = params
  vim.api.nvim_exec_autocmds('User', { pattern = 'TracemendStatus', modeline = false })
  vim.cmd('redrawstatus!')
end

--- Drop what a client said that is gone.
---@param id integer
function M.forget(id)
  by_client[id] = nil
end

--- Return what a client said last.
---@param id integer
---@return table|nil
function M.of_client(id)
  return by_client[id]
end

--- Return the message about the project of a buffer, and the project's part of the status.
---@param buffer integer
---@return string, table|nil
function M.of_buffer(buffer)
  local client = compat.clients(buffer)[1]
  local status = client and by_client[client.id]
  if not status then
    return '', nil
  end
  return status.message, M.folder_of(status, vim.uri_from_bufnr(buffer))
end

--- Say whether a client serves the project at `root`.
---@return boolean
function M.is_root(id, root)
  for _, folder in ipairs(by_client[id] and by_client[id].folders or {}) do
    if vim.uri_to_fname(folder.uri) == root then
      return true
    end
  end
  return false
end

--- Return the folder of a status that holds a file.
---@param status table
---@param uri string
---@return table|nil
function M.folder_of(status, uri)
  for _, folder in ipairs(status.folders) do
    if vim.startswith(uri, folder.uri) then
      return folder
    end
  end
  return status.folders[1]
end

return M
