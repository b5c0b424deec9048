-- neotest, as people use it, with the adapter of the plug-in: see the tests, run them, break one, see it fail, mend it.
-- Run by neotest.py, which makes the project. The story is a task of nio, as all that waits in neotest is.

local file, test_file = os.getenv('TRACEMEND_FILE'), os.getenv('TRACEMEND_TEST_FILE')
local start = vim.loop.hrtime()
local patience_ms, pause_ms = 240000, 100
local neotest, client, nio -- What its users and its consumers get, and what it waits with.

local function say(text)
  io.stderr:write(string.format('%6.2f s  %s\n', (vim.loop.hrtime() - start) / 1e9, text))
end

local function wait(what, condition)
  local waited_ms = 0
  while not condition() do
    if waited_ms > patience_ms then
      error('waited in vain for: ' .. what)
    end
    nio.sleep(pause_ms)
    waited_ms = waited_ms + pause_ms
  end
  say(what)
end

local function check(what, found, wanted)
  if not vim.deep_equal(found, wanted) then
    error('not so: ' .. what .. '\nfound: ' .. vim.inspect(found))
  end
  say(what)
end

local function set_up()
  for _, folder in ipairs(vim.fn.json_decode(os.getenv('TRACEMEND_PLUGINS'))) do
    vim.opt.runtimepath:prepend(folder)
  end
  vim.cmd('filetype on')
  vim.cmd('cd ' .. vim.fn.fnamemodify(file, ':h'))
  require('tracemend').setup({ cmd = vim.fn.json_decode(os.getenv('TRACEMEND_COMMAND')), trusted = true })
  nio, neotest = require('nio'), require('neotest')
  neotest.setup({
    adapters = { require('neotest-tracemend') },
    consumers = {
      story = function(given)
        client = given
        return {}
      end,
    },
  })
  vim.cmd('edit ' .. test_file)
end

local function positions()
  local found = {}
  local tree = client:get_position(test_file)
  for _, position in (tree and tree:iter() or pairs({})) do
    table.insert(found, position.type .. ' ' .. position.id:sub(#test_file + 1))
  end
  return found
end

local function results()
  local found = {}
  for id, result in pairs(client:get_results(client:get_adapters()[1])) do
    if vim.startswith(id, test_file .. '::') then
      found[id:sub(#test_file + 3)] = result
    end
  end
  return found
end

local function status_of(test)
  local result = results()[test]
  return result and result.status
end

local function marked()
  local ours = vim.tbl_filter(function(diagnostic)
    return diagnostic.source == 'tracemend' and diagnostic.severity == vim.diagnostic.severity.ERROR
  end, vim.diagnostic.get(nil))
  return #ours
end

-- Change a line of the code, and go back to the tests.
local function write(line, text)
  nio.scheduler()
  vim.cmd('edit ' .. file)
  wait('the server knows the file', function()
    nio.scheduler()
    return #require('tracemend.compat').clients(vim.api.nvim_get_current_buf()) > 0
  end)
  vim.api.nvim_buf_set_lines(0, line, line + 1, false, { text })
  vim.cmd('silent write')
  vim.cmd('edit ' .. test_file)
end

local function story()
  wait('neotest has the tests of the file', function()
    return #positions() == 7
  end)
  check('as pytest names them', positions(), {
    'file ',
    'test ::test_total',
    'test ::test_nothing',
    'namespace ::TestMany',
    'test ::TestMany::test_many',
    'test ::TestMany::test_many[one]',
    'test ::TestMany::test_many[two]',
  })
  neotest.run.run(test_file)
  wait('all pass', function()
    return status_of('test_total') == 'passed' and status_of('TestMany::test_many[two]') == 'passed'
  end)
  write(1, '    return sum(xs) + 1')
  wait('the server has run what a change of the code touches', function()
    return marked() > 0
  end)
  vim.api.nvim_win_set_cursor(0, { 11, 0 })
  neotest.run.run()
  wait('the nearest test fails', function()
    return status_of('test_nothing') == 'failed'
  end)
  check('alone', status_of('test_total'), 'passed')
  local failure = results()['test_nothing']
  check('with what pytest says of it', failure.short:find('assert 1 == 0', 1, true) ~= nil, true)
  local output = table.concat(vim.fn.readfile(failure.output))
  check('which is its output, too', output:find('assert 1 == 0', 1, true) ~= nil, true)
  write(1, '    return sum(xs)')
  wait('nothing fails any more', function()
    return marked() == 0
  end)
  neotest.run.run(test_file)
  wait('and passes when it is mended', function()
    return status_of('test_nothing') == 'passed'
  end)
end

local function leave(ok, problem)
  if not ok then
    say('FAILED: ' .. tostring(problem))
    vim.cmd('cquit 1')
  end
  vim.cmd('qall!')
end

local ok, problem = xpcall(set_up, debug.traceback)
if not ok then
  leave(ok, problem)
end
nio.run(story, vim.schedule_wrap(leave))
