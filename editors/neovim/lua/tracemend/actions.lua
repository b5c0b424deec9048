--- The server's code actions as the one source of what can be done where: they carry the tests that a place is about.

local compat = require('tracemend.compat')
local messages = require('tracemend.messages')
local status = require('tracemend.status')

local M = {}

--- Ask for the code actions at the cursor, with what is marked on its line; in another buffer the cursor is nowhere.
---@param use function(actions: table[])
function M.at_cursor(client, buffer, use)
  if buffer ~= vim.api.nvim_get_current_buf() then
    return use({})
  end
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  local data = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer, { lnum = line })) do
    table.insert(data, M.data_of(diagnostic))
  end
  M.request(client, buffer, compat.range_params(client).range, data, use)
end

--- Ask for the code actions about tests, wherever the cursor is: a diagnostic that names them says so to the server.
---@param target table with `root` and `tests`
---@param use function(actions: table[])
function M.about(client, buffer, target, use)
  local start = { line = 0, character = 0 }
  M.request(client, buffer, { start = start, ['end'] = start }, { target }, use)
end

--- Choose the failing test that the cursor is about; where it is about none, one of all that fail.
---@param use function(target: table) called with `root` and `tests`, and not at all if there is none or none is chosen
function M.failing_test(client, buffer, use)
  M.at_cursor(client, buffer, function(found)
    M.failing_test_of(client, found, use)
  end)
end

--- The same where the code actions at the cursor are known already.
function M.failing_test_of(client, found, use)
  local targets = {}
  for _, action in ipairs(found) do
    local command = M.command_of(action)
    if command and command.command == 'tracemend.explain' then
      table.insert(targets, command.arguments[1])
    end
  end
  M.choose(#targets > 0 and targets or M.all_failing(client), use)
end

--- Return a target for each failing test of a client's projects that is marked anywhere.
---@return table[]
function M.all_failing(client)
  local found, known = {}, {}
  for _, diagnostic in ipairs(vim.diagnostic.get(nil)) do
    local data = M.data_of(diagnostic)
    for _, test in ipairs(data and status.is_root(client.id, data.root) and data.tests or {}) do
      if not known[data.root .. test] then
        known[data.root .. test] = true
        table.insert(found, { root = data.root, tests = { test } })
      end
    end
  end
  return found
end

--- Let the user choose one of several targets.
function M.choose(targets, use)
  if #targets == 0 then
    messages.info('No test is known to fail.')
  elseif #targets == 1 then
    use(targets[1])
  else
    vim.ui.select(targets, {
      prompt = 'Which failing test?',
      kind = 'tracemend-test',
      format_item = function(target)
        return target.tests[1]
      end,
    }, function(target)
      if target then
        use(target)
      end
    end)
  end
end

--- Return the command of a code action, or the action itself where it is a bare command.
function M.command_of(action)
  return type(action.command) == 'table' and action.command or action.command and action or nil
end

--- Return what our diagnostics carry for the server, nil for those of others.
function M.data_of(diagnostic)
  local lsp = diagnostic.source == 'tracemend' and diagnostic.user_data and diagnostic.user_data.lsp
  return lsp and lsp.data or nil
end

--- Ask for code actions at a range, with diagnostics that carry `data`.
function M.request(client, buffer, range, data, use)
  local diagnostics = {}
  for _, one in ipairs(data) do
    table.insert(diagnostics, { range = range, message = '', source = 'tracemend', data = one })
  end
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    range = range,
    context = { diagnostics = diagnostics, triggerKind = 1 },
  }
  compat.call(client, 'request', 'textDocument/codeAction', params, function(problem, actions)
    if not messages.failed(problem) then
      use(actions or {})
    end
  end, buffer)
end

return M
