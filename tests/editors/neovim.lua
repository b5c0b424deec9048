-- A session of a user in a real Neovim (0.7 to 0.12): open, break, save, see it, press the lightbulb, see it mended.
--
-- Run by neovim.py, which makes the project: nvim --headless -u NONE -i NONE -n -c 'luafile neovim.lua'. Debian's 0.7.2
-- has no `nvim -l`, hence luafile, and an explicit end in every case.

local command = vim.fn.json_decode(os.getenv('TRACEMEND_COMMAND'))
local file = os.getenv('TRACEMEND_FILE')
local broken = '    return sum(xs) + 1'
local start = vim.loop.hrtime()

local function say(text)
  io.stderr:write(string.format('%6.2f s  %s\n', (vim.loop.hrtime() - start) / 1e9, text))
end

local function fail(text)
  say('FAILED: ' .. text)
  vim.cmd('cquit 1')
end

local function wait(what, condition)
  if not vim.wait(120000, condition, 20) then error('waited in vain for ' .. what) end
  say(what)
end

local function line(buffer)
  return vim.api.nvim_buf_get_lines(buffer, 1, 2, false)[1]
end

local function errors()
  return vim.diagnostic.get(nil, { severity = vim.diagnostic.severity.ERROR })
end

-- The titles of the repairs at the cursor's line, as any client would ask for them.
local function repairs(buffer)
  local params = vim.lsp.util.make_range_params(0, 'utf-16')
  params.context = { diagnostics = {} }
  local answers = vim.lsp.buf_request_sync(buffer, 'textDocument/codeAction', params, 10000) or {}
  local titles = {}
  for _, answer in pairs(answers) do
    for _, action in ipairs(answer.result or {}) do
      if vim.startswith(action.title, 'Repair') then table.insert(titles, action.title) end
    end
  end
  return titles
end

local function session()
  local messages = {}
  vim.cmd('edit ' .. file)
  local buffer = vim.api.nvim_get_current_buf()
  local id = vim.lsp.start_client({
    name = 'tracemend',
    cmd = command,
    root_dir = vim.fn.fnamemodify(file, ':h'),
    handlers = {
      ['window/showMessage'] = function(_, params) table.insert(messages, params.message) end,
    },
  })
  vim.lsp.buf_attach_client(buffer, id)
  local client = vim.lsp.get_client_by_id(id)
  wait('the server is there', function() return client.initialized end)
  wait('the first run was announced', function() return #messages == 1 end)

  vim.api.nvim_buf_set_lines(buffer, 1, 2, false, { broken })
  vim.cmd('write')
  vim.cmd('badd ' .. vim.fn.fnamemodify(file, ':h') .. '/test_shop.py')
  wait('the broken line is marked', function() return #vim.diagnostic.get(buffer) > 0 end)
  wait('both failing tests are marked', function() return #errors() == 2 end)

  vim.api.nvim_win_set_cursor(0, { 2, 4 })
  wait('a repair is proven', function() return #repairs(buffer) > 0 end)
  say('    ' .. repairs(buffer)[1])
  vim.ui.select = function(items, _, choose)
    for index, item in ipairs(items) do
      local action = item.action or item[2]
      if vim.startswith(action.title, 'Repair') then return choose(item, index) end
    end
    fail('no repair among the code actions')
  end
  vim.cmd('let &undolevels = &undolevels') -- What follows is a change of its own, as it is between two keys.
  vim.lsp.buf.code_action()
  wait('the buffer has changed', function() return line(buffer) ~= broken end)

  vim.cmd('write')
  wait('nothing is marked any more', function() return #vim.diagnostic.get(nil) == 0 end)
  vim.cmd('silent undo')
  if line(buffer) ~= broken then error('one undo does not take the repair back') end
  say('one undo takes the repair back')

  if #messages > 1 then error('an unasked message: ' .. messages[2]) end
  client.stop()
  wait('the server has left', function() return client.is_stopped() end)
end

local ok, problem = pcall(session)
if not ok then fail(tostring(problem)) end
vim.cmd('qall!')
