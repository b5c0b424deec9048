--- `:Tracemend ...`, one function for each word that may follow, and the server's commands behind lenses and actions.

local actions = require('tracemend.actions')
local compat = require('tracemend.compat')
local messages = require('tracemend.messages')
local options = require('tracemend.options')

local M = {}

local HINTS = { 'where', 'what', 'how' }

local function execute(client, command, argument, use)
  local params = { command = command, arguments = argument and { argument } or nil }
  compat.call(client, 'request', 'workspace/executeCommand', params, function(problem, result)
    if not messages.failed(problem) and use then
      use(result)
    end
  end, vim.api.nvim_get_current_buf())
end

local function tell_run(result)
  local count = #(result.tests or {})
  local what = count == 0 and 'all tests' or count == 1 and result.tests[1] or count .. ' tests'
  messages.info('Running ' .. what .. '.')
end

--- Run what the cursor is about, else the tests of the file; files without tests stand for the project.
local function run(client, _, buffer)
  actions.at_cursor(client, buffer, function(found)
    for _, action in ipairs(found) do
      local command = actions.command_of(action)
      if command and command.command == 'tracemend.run' then
        return execute(client, 'tracemend.run', command.arguments[1], tell_run)
      end
    end
    execute(client, 'tracemend.run', { uri = vim.uri_from_bufnr(buffer) }, tell_run)
  end)
end

local function about_failing_test(command, extra)
  return function(client, arguments, buffer)
    actions.failing_test(client, buffer, function(target)
      execute(client, command, vim.tbl_extend('force', target, extra and extra(arguments) or {}))
    end)
  end
end

local function to_server(command, use)
  return function(client)
    execute(client, command, nil, use)
  end
end

local function set_trust(trusted)
  return function(client)
    require('tracemend.client').set_trust(client, trusted)
  end
end

local function restart(client, arguments)
  if arguments[1] ~= 'server' then
    return execute(client, 'tracemend.restartRunner')
  end
  local buffers = vim.tbl_keys(client.attached_buffers)
  compat.call(client, 'stop')
  local timer = compat.uv.new_timer()
  timer:start(50, 50, vim.schedule_wrap(function()
    if compat.is_stopped(client) and not timer:is_closing() then
      timer:close()
      for _, buffer in ipairs(vim.tbl_filter(vim.api.nvim_buf_is_loaded, buffers)) do
        require('tracemend.client').attach(buffer)
      end
    end
  end))
end

local function status(client)
  execute(client, 'tracemend.status', nil, function(found)
    local lines = {}
    for _, folder in ipairs(found.folders) do
      local trust = folder.trusted and 'trusted' or 'not trusted'
      table.insert(lines, ('%s (%s, %s): %s'):format(folder.name, folder.phase, trust, folder.message))
    end
    messages.info(#lines > 0 and table.concat(lines, '\n') or 'No project is open.')
  end)
end

local function log()
  local path = options.get().log_file
  if type(path) ~= 'string' then
    return messages.info('The log goes to stderr, which Neovim writes to ' .. vim.lsp.get_log_path())
  end
  vim.cmd('tabedit ' .. vim.fn.fnameescape(path))
end

local subcommands = {
  run = { run },
  run_all = { to_server('tracemend.runAll', tell_run) },
  trace = { about_failing_test('tracemend.trace') },
  repair = {
    function(client, _, buffer)
      require('tracemend.repair').at_cursor(client, buffer)
    end,
  },
  cancel = {
    function(client)
      if not require('tracemend.repair').cancel(client) then
        messages.info('No search is waited for.')
      end
    end,
  },
  explain = { about_failing_test('tracemend.explain') },
  hint = {
    about_failing_test('tracemend.hint', function(arguments)
      return { level = arguments[1] or HINTS[1] }
    end),
    HINTS,
  },
  pause = { to_server('tracemend.pause') },
  resume = { to_server('tracemend.resume') },
  restart = { restart, { 'runner', 'server' } },
  trust = { set_trust(true) },
  distrust = { set_trust(false) },
  status = { status },
  log = { log },
}

--- What lenses and code actions name, where this plug-in does it better than the server alone.
M.of_server = {
  ['tracemend.repair'] = function(command, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    require('tracemend.repair').repair(client, context.bufnr, command.arguments[1])
  end,
}

--- Run `:Tracemend` with these words; without any it tells the status.
---@param words string[]
function M.run(words)
  local name = words[1] or 'status'
  local subcommand = subcommands[name]
  if not subcommand then
    return messages.warn(('There is no :Tracemend %s; see :help :Tracemend'):format(name))
  end
  local buffer = vim.api.nvim_get_current_buf()
  local client = compat.clients(buffer)[1] or compat.clients()[1]
  if not client and name ~= 'log' then
    return messages.warn('tracemend is not at work here; see :checkhealth tracemend')
  end
  if client and not client.attached_buffers[buffer] then -- From a page, say.
    buffer = next(client.attached_buffers) or buffer
  end
  subcommand[1](client, vim.list_slice(words, 2), buffer)
end

--- Complete the words of `:Tracemend`.
---@param lead string what was typed of the word
---@param line string the whole command line
---@return string[]
function M.complete(lead, line)
  local words = vim.split(line, '%s+', { trimempty = true })
  local position = #words - (lead == '' and 0 or 1)
  local candidates = {}
  if position == 1 then
    candidates = vim.tbl_keys(subcommands)
  elseif position == 2 and subcommands[words[2]] then
    candidates = vim.list_extend({}, subcommands[words[2]][2] or {})
  end
  table.sort(candidates)
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
end

return M
