-- A session of a user in a real Neovim (0.7 to 0.12) with the plug-in: trust, break, save, see it, look at the repair,
-- accept it, take it back, take it by the editor's own lightbulb, see it mended. Run by neovim.py, which makes the project.

local file = os.getenv('TRACEMEND_FILE')
local broken = '    return sum(xs) + 1'
local start = vim.loop.hrtime()
local messages = {} -- What the user was told and the story has not spoken of yet.

local function say(text)
  io.stderr:write(string.format('%6.2f s  %s\n', (vim.loop.hrtime() - start) / 1e9, text))
end

local function wait(what, condition)
  if not vim.wait(240000, condition, 20) then
    error('waited in vain for: ' .. what .. '\nmessages: ' .. vim.inspect(messages))
  end
  say(what)
end

local function check(what, condition)
  if not condition then
    error('not so: ' .. what)
  end
  say(what)
end

local function told(what, text)
  wait(what, function()
    for index, message in ipairs(messages) do
      if message:find(text, 1, true) then
        return table.remove(messages, index)
      end
    end
  end)
end

local function press(keys)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, false, true), 'x', false)
end

local function text_of(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
end

local function line(buffer)
  return vim.api.nvim_buf_get_lines(buffer, 1, 2, false)[1]
end

local function errors()
  return vim.diagnostic.get(nil, { severity = vim.diagnostic.severity.ERROR })
end

local function clients()
  return require('tracemend.compat').clients()
end

local function status()
  return (require('tracemend').status())
end

-- The values as they stand on the screen.
local function values(buffer)
  local shown = {}
  if vim.lsp.inlay_hint then
    for _, found in ipairs(vim.lsp.inlay_hint.get({ bufnr = buffer })) do
      table.insert(shown, found.inlay_hint.label)
    end
  else
    local namespace = vim.api.nvim_get_namespaces()['tracemend-values']
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buffer, namespace, 0, -1, { details = true })) do
      table.insert(shown, mark[4].virt_text[1][1])
    end
  end
  return table.concat(shown, '; ')
end

-- How many lenses stand on the screen; 0.12 draws what it has.
local function lenses(buffer)
  if vim.lsp.codelens.enable then
    return #vim.lsp.codelens.get({ bufnr = buffer })
  end
  local shown, namespace = 0, require('tracemend.lenses').namespace(clients()[1])
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buffer, namespace, 0, -1, { details = true })) do
    for _, chunk in ipairs(mark[4].virt_text or mark[4].virt_lines and mark[4].virt_lines[1] or {}) do
      shown = shown + (chunk[2] == 'LspCodeLens' and 1 or 0)
    end
  end
  return shown
end

local function preview()
  local window = vim.api.nvim_get_current_win()
  return vim.api.nvim_win_get_config(window).relative ~= '' and text_of(vim.api.nvim_win_get_buf(window)) or nil
end

local function page(pattern)
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    local buffer = vim.api.nvim_win_get_buf(window)
    if vim.bo[buffer].filetype == pattern then
      return text_of(buffer), window
    end
  end
end

local function wait_for_explanation(what)
  wait(what, function()
    local text = page('markdown')
    return text and text:find('shop.py', 1, true)
  end)
end

local function open_untrusted()
  vim.opt.runtimepath:prepend(os.getenv('TRACEMEND_PLUGIN'))
  vim.cmd('runtime plugin/tracemend.lua')
  vim.cmd('filetype on')
  vim.notify = function(message)
    table.insert(messages, message)
  end
  local _, mistake = pcall(require('tracemend').setup, { comand = {} })
  check('a mistaken option is named', mistake:find('"comand"', 1, true))
  require('tracemend').setup({ cmd = vim.fn.json_decode(os.getenv('TRACEMEND_COMMAND')), trusted = false })
  vim.cmd('edit ' .. file)
  wait('an untrusted project is opened, and nothing is run', function()
    return status():find('not trusted', 1, true)
  end)
  check('nothing was announced', #messages == 0)
  vim.cmd('Tracemend trust')
  told('with trust, the first run is announced', 'runs its tests with')
end

local function break_it(buffer)
  vim.api.nvim_buf_set_lines(buffer, 1, 2, false, { broken })
  vim.cmd('silent write')
  wait('the broken line is marked', function()
    return #vim.diagnostic.get(buffer) > 0
  end)
  wait('both failing tests are marked', function()
    return #errors() == 2
  end)
  wait('the statusline tells them', function()
    return status():find('2 failed', 1, true)
  end)
  wait('the values stand beside the code', function()
    return values(buffer):find('xs = ', 1, true)
  end)
  wait('Run, Trace and Repair stand above the function', function()
    return lenses(buffer) == 3
  end)
end

local function understand()
  vim.ui.select = function(items, _, choose)
    choose(items[1], 1)
  end
  vim.cmd('Tracemend hint where')
  told('a hint names the function', 'total')
  vim.cmd('Tracemend trace')
  vim.cmd('Tracemend explain')
  wait_for_explanation('the explanation is a page')
  local _, window = page('markdown')
  local before = vim.api.nvim_get_current_win()
  vim.api.nvim_set_current_win(window)
  vim.cmd('Tracemend hint what')
  told('from there, too, hints are given', 'sum(xs) + 1')
  press('q')
  check('q closes the page', not page('markdown') and vim.api.nvim_get_current_win() == before)
end

local function repair(buffer)
  vim.cmd('Tracemend repair')
  wait('a repair is proven and shown', preview)
  say('    ' .. vim.split(preview(), '\n')[1])
  check('as a diff', preview():find('\n-' .. broken, 1, true))
  check('nothing has changed yet', line(buffer) == broken)
  local count = tonumber(preview():match('^1 of (%d+)') or 1)
  press('n')
  wait('the next candidate of ' .. count, function()
    return count == 1 or vim.startswith(preview(), '2 of ')
  end)
  press('q')
  check('closing it changes nothing', not preview() and line(buffer) == broken)
  vim.cmd('Tracemend repair')
  wait('what is proven is shown at once', preview)
  press('e')
  wait_for_explanation('and explained')
  vim.api.nvim_win_close(select(2, page('markdown')), true)
  vim.cmd('let &undolevels = &undolevels') -- What follows is a change of its own, as it is between two keys.
  vim.cmd('Tracemend repair')
  wait('it is shown again', preview)
  press('<CR>')
  wait('accepting it changes the buffer', function()
    return line(buffer) ~= broken
  end)
  told('and tells what to do next', 'Applied')
  vim.cmd('silent undo')
  check('one undo takes it back', line(buffer) == broken)
end

local function press_the_lens()
  vim.ui.select = function(items, options, choose)
    for _, item in ipairs(items) do
      if vim.startswith(options.format_item(item), 'Repair') then
        return choose(item)
      end
    end
  end
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  wait('the lenses have titles', function()
    local unresolved = vim.tbl_filter(function(lens)
      return not lens.command
    end, vim.lsp.codelens.enable and {} or vim.lsp.codelens.get(0))
    return lenses(0) == 3 and #unresolved == 0
  end)
  vim.lsp.codelens.run()
  wait('the lens leads to the preview', preview)
  press('q')
  vim.api.nvim_win_set_cursor(0, { 2, 4 })
end

-- The same without the preview, as everybody does it with any server.
local function press_the_lightbulb(buffer)
  vim.ui.select = function(items, _, choose)
    for index, item in ipairs(items) do
      local action = item.action or item[2]
      if vim.startswith(action.title, 'Repair') then
        return choose(item, index)
      end
    end
    choose(nil)
  end
  vim.cmd('let &undolevels = &undolevels')
  wait("the editor's own code action changes it, too", function()
    if line(buffer) == broken then
      vim.lsp.buf.code_action()
      vim.wait(2000, function()
        return line(buffer) ~= broken
      end, 20)
    end
    return line(buffer) ~= broken
  end)
  vim.cmd('silent write')
  wait('nothing is marked any more', function()
    return #vim.diagnostic.get(nil) == 0
  end)
  wait('all pass', function()
    return status() == '2 passed'
  end)
  wait('no values are left', function()
    return values(buffer) == ''
  end)
  wait('no lenses are left', function()
    return lenses(buffer) == 0
  end)
end

local function look_around()
  vim.cmd('Tracemend run')
  told('tests are run on demand', 'Running all tests')
  vim.cmd('Tracemend run_all')
  told('all of them, too', 'Running all tests')
  vim.cmd('Tracemend pause')
  wait('it pauses', function()
    return status():find('paused', 1, true)
  end)
  vim.cmd('Tracemend resume')
  wait('it resumes', function()
    return status() == '2 passed'
  end)
  vim.cmd('Tracemend')
  told('the status names the project', 'shop (')
  check(
    'commands are completed',
    vim.deep_equal(vim.fn.getcompletion('Tracemend re', 'cmdline'), { 'repair', 'restart', 'resume' })
  )
  vim.cmd('silent checkhealth tracemend')
  local report = text_of(0)
  check('the health report finds the project', report:find('2 passed', 1, true))
  check('the health report has no errors', not report:find('ERROR', 1, true))
  vim.cmd('buffer ' .. file)
end

--- Begin a function and let the model go on. Without a screen there is no insert mode to wait in: it is pretended.
local function take_inline_completion(buffer)
  if not vim.lsp.inline_completion then
    return say('no inline completion in this Neovim')
  end
  vim.api.nvim_buf_set_lines(buffer, -1, -1, false, { '', '', 'def receipt(xs):', '    return ' })
  vim.o.virtualedit = 'onemore' -- Behind the last character, where insert mode would be.
  vim.api.nvim_win_set_cursor(0, { vim.api.nvim_buf_line_count(buffer), 11 })
  local get_mode = vim.api.nvim_get_mode
  vim.api.nvim_get_mode = function()
    return { mode = 'i', blocking = false }
  end
  local shown = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')
  local asked = 0
  wait("the model's text stands at the cursor", function()
    asked = asked + 1
    if asked % 100 == 1 then -- Every two seconds: the model is made ready with the first question.
      vim.api.nvim_exec_autocmds('CursorMovedI', { buffer = buffer })
    end
    return #vim.api.nvim_buf_get_extmarks(buffer, shown, 0, -1, {}) > 0
  end)
  vim.lsp.inline_completion.get()
  wait('one key takes it', function()
    return text_of(buffer):find('return f"Total: {total(xs)}"', 1, true)
  end)
  vim.api.nvim_get_mode = get_mode
  vim.cmd('silent edit!')
end

local function restart_and_leave()
  local before = clients()[1]
  vim.cmd('Tracemend restart server')
  wait('another server takes over, trusted as the last one', function()
    return clients()[1] and clients()[1].id ~= before.id and status() == '2 passed'
  end)
  check('nobody was told anything unasked', #messages == 0)
  local last = clients()[1]
  require('tracemend.compat').call(last, 'stop')
  wait('the server has left', function()
    return require('tracemend.compat').is_stopped(last)
  end)
end

local function story()
  open_untrusted()
  local buffer = vim.api.nvim_get_current_buf()
  vim.api.nvim_win_set_cursor(0, { 2, 4 })
  break_it(buffer)
  understand()
  repair(buffer)
  press_the_lens()
  press_the_lightbulb(buffer)
  look_around()
  take_inline_completion(buffer)
  restart_and_leave()
end

local ok, problem = xpcall(story, debug.traceback)
if not ok then
  say('FAILED: ' .. tostring(problem))
  vim.cmd('cquit 1')
end
vim.cmd('qall!')
