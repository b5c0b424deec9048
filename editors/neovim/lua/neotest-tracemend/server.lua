--- What the adapter for neotest asks of tracemend's server; the functions wait, and are to be called in nio's tasks.

local nio = require('nio')
local compat = require('tracemend.compat')
local tracemend = require('tracemend.client')
local status = require('tracemend.status')

local M = {}

local patience_ms = 60000 -- For a project that has just been opened: its tests are collected first.
local pause_ms = 200
local fresh_ns = 1e9 -- For so long an answer serves the other files of a project, too, which neotest looks at all at once.

local last_answers = {}

--- Return the folder of a server that has tests in a file, once that says so for good; nil where none has.
---@async
---@param path string
---@return table|nil
function M.folder_with_tests_in(path)
  for _ = 0, patience_ms, pause_ms do
    local client = M.client_of(path)
    if client and M.is_settled(client, path) then
      return M.folder_of(path, M.known_tests(client))
    end
    if not client and not M.is_coming(path) then
      return nil
    end
    nio.sleep(pause_ms)
  end
end

--- Return the first folder that has tests in a file.
function M.folder_of(path, folders)
  for _, folder in ipairs(folders) do
    for _, test in ipairs(folder.tests) do
      if vim.startswith(folder.root .. '/' .. test.id, path .. '::') then
        return folder
      end
    end
  end
end

--- Return what a server knows, as it said just now.
---@async
function M.known_tests(client)
  local last = last_answers[client.id]
  if not last or compat.uv.hrtime() - last.at > fresh_ns then
    last = { folders = M.request(client, 'tracemend/tests', vim.empty_dict()), at = compat.uv.hrtime() }
    last_answers[client.id] = last
  end
  return last.folders
end

--- Say whether a server is being started for the project of a path: a buffer of it is open, and there is a program.
---@async
function M.is_coming(path)
  nio.scheduler()
  local root = tracemend.root_of(path)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    local name = vim.api.nvim_buf_get_name(buffer)
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].filetype == 'python' and tracemend.root_of(name) == root then
      return tracemend.missing_command() == nil
    end
  end
  return false
end

--- Run tests in the server, as a process in neotest's sense.
---@param target table with `root` and `tests`
---@return table
function M.run(target)
  local done = nio.control.future()
  local output = nio.fn.tempname()
  nio.run(function()
    local ok, problem = pcall(M.run_to_the_end, target, done)
    M.write_output(output, target, not ok and tostring(problem) or nil)
    if not done.is_set() then
      done.set(ok and 0 or 1)
    end
  end)
  return {
    output = function()
      return output
    end,
    is_complete = done.is_set,
    result = done.wait,
    attach = function() end,
    stop = function()
      nio.run(function()
        M.execute(M.client_of(target.root), 'tracemend.stopRun', { root = target.root, tests = {} })
        if not done.is_set() then
          done.set(1)
        end
      end)
    end,
    output_stream = function()
      return function() end
    end,
  }
end

--- Ask for a run and wait until each test has a verdict of this run or of a later one, or until somebody is done waiting.
---@async
function M.run_to_the_end(target, done)
  local client = assert(M.client_of(target.root), 'There is no server for ' .. target.root)
  local started = M.execute(client, 'tracemend.run', target)
  while not done.is_set() do
    local is_over = true
    for _, test in pairs(M.tests_of(target)) do
      is_over = is_over and test.verdict ~= 'running' and (test.run or 0) >= started.run
    end
    if is_over then
      return
    end
    nio.sleep(pause_ms)
  end
end

--- Return what the server knows of the tests of a target, by id; one that is gone is not among them.
---@async
---@return table<string, table>
function M.tests_of(target)
  local wanted, found = {}, {}
  for _, id in ipairs(target.tests) do
    wanted[id] = true
  end
  local client = assert(M.client_of(target.root), 'There is no server for ' .. target.root)
  for _, folder in ipairs(M.request(client, 'tracemend/tests', vim.empty_dict())) do
    for _, test in ipairs(folder.root == target.root and folder.tests or {}) do
      if wanted[test.id] then
        found[test.id] = test
      end
    end
  end
  return found
end

--- Return the client whose project holds a path.
---@async
function M.client_of(path)
  nio.scheduler()
  for _, client in ipairs(compat.clients()) do
    local root = client.config.root_dir
    if root and vim.startswith(path .. '/', root .. '/') and not compat.is_stopped(client) then
      return client
    end
  end
end

--- Say whether the tests of a project are collected, as far as they will be: what the server tells now will stay.
---@param path string
function M.is_settled(client, path)
  local said = status.of_client(client.id)
  local folder = said and status.folder_of(said, vim.uri_from_fname(path))
  if not folder or folder.phase == 'starting' or folder.phase == 'running' then
    return false
  end
  return folder.phase ~= 'stopped' or not folder.trusted or folder.health == 'error'
end

---@async
function M.execute(client, command, target)
  return M.request(client, 'workspace/executeCommand', { command = command, arguments = { target } })
end

--- Send a request and wait for its answer; a refusal is raised.
---@async
function M.request(client, method, params)
  local answered = nio.control.future()
  nio.scheduler()
  compat.call(client, 'request', method, params, function(problem, answer)
    answered.set({ problem = problem, answer = answer })
  end)
  local got = answered.wait()
  if got.problem then
    error(got.problem.message)
  end
  return got.answer
end

--- Write what neotest shows as output: the failures, or why there was no run.
---@async
function M.write_output(path, target, problem)
  local lines = { problem }
  for id, test in pairs(problem and {} or M.tests_of(target)) do
    table.insert(lines, id .. ': ' .. test.verdict .. (test.failure and '\n    ' .. test.failure.message or ''))
  end
  table.sort(lines)
  local file = assert(io.open(path, 'w'))
  file:write(table.concat(lines, '\n') .. '\n')
  file:close()
end

return M
