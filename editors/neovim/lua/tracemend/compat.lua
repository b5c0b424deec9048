--- What Neovim 0.7 to 0.12 do differently, in one place. Everything else is written against these functions.

local M = {}

local has_methods = vim.fn.has('nvim-0.11') == 1 -- `client:request(...)`; before that it is `client.request(...)`.

M.uv = vim.uv or vim.loop
M.diff = vim.text and vim.text.diff or vim.diff

--- The clients of tracemend, those of one buffer if it is given.
---@param buffer integer|nil
---@return table[]
function M.clients(buffer)
  local all = (vim.lsp.get_clients or vim.lsp.get_active_clients)()
  return vim.tbl_filter(function(client)
    return client.name == 'tracemend' and (not buffer or client.attached_buffers[buffer])
  end, all)
end

--- Call a method of a client: `call(client, 'notify', method, params)`.
function M.call(client, name, ...)
  if has_methods then
    return client[name](client, ...)
  end
  return client[name](...)
end

--- Say whether a client has come to its end.
function M.is_stopped(client)
  return M.call(client, 'is_stopped')
end

--- Start a server for `buffer`, or attach it to the one that serves its root already.
---@param config table
---@param buffer integer
function M.start(config, buffer)
  if vim.lsp.start then
    vim.api.nvim_buf_call(buffer, function()
      vim.lsp.start(config)
    end)
    return
  end
  for _, client in ipairs(M.clients()) do
    if client.config.root_dir == config.root_dir and not M.is_stopped(client) then
      vim.lsp.buf_attach_client(buffer, client.id)
      return
    end
  end
  vim.lsp.buf_attach_client(buffer, vim.lsp.start_client(config))
end

--- Return the parameters of a request about the cursor of the current window.
function M.range_params(client)
  return vim.lsp.util.make_range_params(0, client.offset_encoding)
end

--- The functions of a health report.
---@return table
function M.health()
  if vim.health and vim.health.start then
    return vim.health
  end
  local old = require('health')
  return {
    start = old.report_start,
    ok = old.report_ok,
    info = old.report_info,
    warn = old.report_warn,
    error = old.report_error,
  }
end

return M
