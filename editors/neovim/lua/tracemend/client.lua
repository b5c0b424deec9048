--- Finding the project, starting the server for it, and attaching buffers.

local compat = require('tracemend.compat')
local messages = require('tracemend.messages')
local options = require('tracemend.options')

local M = {}

local complained = false
local said_trust = {} -- What the user said in this session, by root; it outlives a restart of the server.

--- Attach a buffer to the server of its project, starting that if need be. Buffers without a file have no tests.
---@param buffer integer
function M.attach(buffer)
  local path = vim.api.nvim_buf_get_name(buffer)
  if path == '' or vim.bo[buffer].buftype ~= '' or path:find('^%a[%w+.-]+://') then
    return
  end
  local missing = M.missing_command()
  if missing then
    if not complained then
      complained = true
      messages.warn(('There is no %q to start. See :checkhealth tracemend'):format(missing))
    end
    return
  end
  compat.start(M.config(M.root_of(path)), buffer)
end

--- Return the nearest directory above a file that has one of `root_markers`; without any the server looks for itself.
---@param path string
---@return string|nil
function M.root_of(path)
  local folder = vim.fn.fnamemodify(path, ':p:h')
  while true do
    for _, marker in ipairs(options.get().root_markers) do
      if compat.uv.fs_stat(folder .. '/' .. marker) then
        return folder
      end
    end
    local parent = vim.fn.fnamemodify(folder, ':h')
    if parent == folder then
      return nil
    end
    folder = parent
  end
end

--- Return the name of the server's program where it cannot be executed.
---@return string|nil
function M.missing_command()
  local cmd = options.get().cmd
  if type(cmd) == 'table' and vim.fn.executable(cmd[1]) == 0 then
    return cmd[1]
  end
  return nil
end

--- Return what a client for `root` is started with.
---@param root string|nil
---@return table
function M.config(root)
  local settings = options.get().settings
  return {
    name = 'tracemend',
    cmd = M.command(),
    root_dir = root,
    workspace_folders = root and { { uri = vim.uri_from_fname(root), name = vim.fn.fnamemodify(root, ':t') } } or nil,
    init_options = { trusted = M.trust_in(root) },
    settings = { tracemend = next(settings) and settings or vim.empty_dict() },
    capabilities = M.capabilities(),
    handlers = M.handlers(),
    commands = require('tracemend.commands').of_server,
    on_attach = M.on_attach,
    on_exit = vim.schedule_wrap(function(_, _, id)
      require('tracemend.status').forget(id)
    end),
  }
end

--- Return the command line of the server, with the log where `:Tracemend log` finds it.
---@return table|function
function M.command()
  local cmd, log_file = options.get().cmd, options.get().log_file
  if type(cmd) == 'function' or type(log_file) ~= 'string' then
    return cmd
  end
  vim.fn.mkdir(vim.fn.fnamemodify(log_file, ':h'), 'p')
  return vim.list_extend(vim.list_extend({}, cmd), { '--log-file', log_file })
end

--- Let the code of a client's project run from now on, or no more.
---@param trusted boolean
function M.set_trust(client, trusted)
  said_trust[client.config.root_dir or ''] = trusted
  compat.call(client, 'notify', 'tracemend/didChangeTrust', { trusted = trusted })
end

--- Return whether the user trusts a project; nil says nothing, and leaves it to the server.
---@param root string|nil
---@return boolean|nil
function M.trust_in(root)
  if said_trust[root or ''] ~= nil then
    return said_trust[root or '']
  end
  local trusted = options.get().trusted
  if type(trusted) == 'function' then
    return trusted(root)
  end
  return trusted
end

--- Return Neovim's capabilities, and those that this plug-in adds to them.
function M.capabilities()
  local added = {
    window = { showDocument = { support = true } },
    workspace = { codeLens = { refreshSupport = true }, inlayHint = { refreshSupport = true } },
    textDocument = { inlayHint = { dynamicRegistration = false } },
  }
  return vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), added)
end

--- Return the handlers of what the server sends. What Neovim itself draws again is left to it.
function M.handlers()
  local handlers = {
    ['tracemend/status'] = require('tracemend.status').receive,
    ['window/showMessage'] = messages.show,
    ['window/showMessageRequest'] = require('tracemend.repair').answer_choice,
    ['window/showDocument'] = require('tracemend.page').show_document,
  }
  if not vim.lsp.inlay_hint then
    handlers['workspace/inlayHint/refresh'] = require('tracemend.values').refresh_all
  end
  if not vim.lsp.handlers['workspace/codeLens/refresh'] then
    handlers['workspace/codeLens/refresh'] = require('tracemend.lenses').refresh_all
  end
  return handlers
end

--- Switch on what is shown in a buffer.
function M.on_attach(client, buffer)
  if options.get().values then
    require('tracemend.values').attach(client, buffer)
  end
  if options.get().code_lenses then
    require('tracemend.lenses').attach(buffer)
  end
  if options.get().inline_completion then
    require('tracemend.completion').attach(buffer)
  end
  if options.get().on_attach then
    options.get().on_attach(client, buffer)
  end
end

return M
