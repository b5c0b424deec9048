--- `:checkhealth tracemend`: is Neovim new enough, is the server there, is it at work, and what keeps it from running.

local client = require('tracemend.client')
local compat = require('tracemend.compat')
local options = require('tracemend.options')

local M = {}

function M.check()
  local health = compat.health()
  health.start('tracemend: Neovim')
  M.check_neovim(health)
  health.start('tracemend: server')
  M.check_server(health)
  health.start('tracemend: projects')
  M.check_projects(health)
end

function M.check_neovim(health)
  if vim.fn.has('nvim-0.10') == 1 then
    health.ok('Values are shown as inlay hints')
  else
    health.ok('Values are shown as virtual text; as inlay hints from Neovim 0.10 on')
  end
  local watched = client.capabilities().workspace.didChangeWatchedFiles
  if not (watched and watched.dynamicRegistration) then
    health.info('This Neovim does not watch files: what another program changes is seen with the next save')
  end
  if options.are_set() then
    health.ok('setup() was called')
  else
    health.error('setup() was not called, so nothing is started', { "Add require('tracemend').setup() to init.lua." })
  end
end

function M.check_server(health)
  local cmd = options.get().cmd
  if type(cmd) == 'function' then
    return health.ok('It is reached by a function of your own')
  end
  if client.missing_command() then
    return health.error(('%q cannot be executed'):format(cmd[1]), {
      'Install tracemend with pipx, outside of the project that it works on.',
      "Or name its place: require('tracemend').setup { cmd = { '/path/to/tracemend', 'lsp' } }",
    })
  end
  health.ok('It is started by: ' .. table.concat(client.command(), ' '))
  if vim.fn.fnamemodify(cmd[1], ':t') == 'tracemend' then
    health.info('Its version: ' .. vim.trim(vim.fn.system({ cmd[1], '--version' })))
  end
  health.info('What the machine offers to hold tests in is told by: tracemend doctor')
end

function M.check_projects(health)
  local clients = compat.clients()
  if #clients == 0 then
    health.info('None is open. A Python file opens its own')
  end
  for _, one in ipairs(clients) do
    M.check_project(health, one)
  end
end

function M.check_project(health, one)
  local status = require('tracemend.status').of_client(one.id)
  local root = one.config.root_dir or 'a file outside of every project'
  if not status then
    return health.warn(root .. ': the server has not said anything yet')
  end
  for _, folder in ipairs(status.folders) do
    local text = ('%s: %s'):format(root, folder.message)
    if not folder.trusted then
      health.warn(text, { 'Let its tests run with :Tracemend trust, or with the option `trusted`.' })
    elseif folder.health == 'error' then
      health.error(text, { 'More stands in the log, see :Tracemend log.' })
    elseif folder.health == 'warning' then
      health.warn(text, { 'Not collected: ' .. table.concat(folder.uncollectable, ', ') })
    else
      health.ok(text)
    end
  end
end

return M
