--- An adapter for neotest: its tree shows the tests that the server knows, and runs them there.
---
--- The server has collected them with pytest, so ids are pytest's own, parameters included, and no parser is needed. What
--- it has run already on a save it need not run again, and what neotest runs is marked, traced and mended like the rest.
--- An id in neotest's tree is the project's root, "/", and pytest's node id.

local client = require('tracemend.client')
local positions = require('neotest-tracemend.positions')
local server = require('neotest-tracemend.server')

local skipped_folders = { venv = true, env = true, node_modules = true, build = true, dist = true, __pycache__ = true }
local statuses = { passed = 'passed', failed = 'failed', skipped = 'skipped' }

local M = { name = 'neotest-tracemend' }

function M.root(folder)
  return client.root_of(folder .. '/any')
end

function M.filter_dir(name)
  return not (vim.startswith(name, '.') or skipped_folders[name])
end

--- Names as pytest has them by default; which tests there are is asked of the server.
function M.is_test_file(path)
  local name = path:match('[^/\\]+$') or ''
  return name:find('^test_.*%.py$') ~= nil or name:find('_test%.py$') ~= nil
end

---@async
function M.discover_positions(path)
  local folder = server.folder_with_tests_in(path)
  return folder and positions.tree_of(path, folder.root, folder.tests)
end

--- The tests at and below a position run in the server, which is neotest's process for as long as that takes.
function M.build_spec(args)
  local position = args.tree:data()
  local root = M.root(vim.fn.fnamemodify(position.path, ':h'))
  local tests = {}
  for _, node in args.tree:iter_nodes() do
    if node:data().type == 'test' and #node:children() == 0 then
      table.insert(tests, node:data().id:sub(#root + 2))
    end
  end
  if #tests == 0 then
    return nil
  end
  local target = { root = root, tests = tests }
  return {
    command = {},
    context = target,
    strategy = function()
      return server.run(target)
    end,
  }
end

---@async
function M.results(spec, result)
  local found = {}
  for id, test in pairs(server.tests_of(spec.context)) do
    local status = statuses[test.verdict] or 'skipped'
    local failure = test.failure
    local errors = failure and { { message = failure.message, line = failure.line } } or {}
    found[spec.context.root .. '/' .. id] =
      { status = status, short = failure and failure.message, errors = errors, output = result.output }
  end
  return found
end

return M
