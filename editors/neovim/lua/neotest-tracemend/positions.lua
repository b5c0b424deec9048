--- From the ids of tests to neotest's tree of one file: its classes, functions, and what these are called with.

local M = {}

--- Return the tree of a file whose tests are those of `tests` that lie in it.
---@param path string
---@param root string
---@param tests table[]
function M.tree_of(path, root, tests)
  local name = path:match('[^/\\]+$')
  local file = { { type = 'file', id = path, name = name, path = path, range = { 0, 0, 1e6, 0 } } }
  local nodes = { [path] = file }
  for _, test in ipairs(tests) do
    local id = root .. '/' .. test.id
    if vim.startswith(id, path .. '::') then
      M.add(nodes, path, M.parts_of(id:sub(#path + 1)), test.line or 0)
    end
  end
  M.close_ranges(file)
  return require('neotest.types').Tree.from_list(file, function(position)
    return position.id
  end)
end

--- Split what follows the file in a node id: "::TestCart", "::test_total", "[empty]".
---@return string[]
function M.parts_of(names)
  local before, parameters = names:match('^([^%[]*)(.*)$')
  local parts = {}
  for part in before:gmatch('::[^:]+') do
    table.insert(parts, part)
  end
  if parameters ~= '' then
    table.insert(parts, parameters)
  end
  return parts
end

--- Put a test into the tree. One function with different parameters has one place, so that they have none of their own.
function M.add(nodes, path, parts, line)
  local parent, id = nodes[path], path
  for index, part in ipairs(parts) do
    id = id .. part
    if not nodes[id] then
      local is_class = vim.startswith(parts[index + 1] or '', '::')
      local range = vim.startswith(part, '::') and { line, 0, line, 0 } or nil
      local kind, name = is_class and 'namespace' or 'test', part:gsub('^::', '')
      nodes[id] = { { type = kind, id = id, name = name, path = path, range = range } }
      table.insert(parent, nodes[id])
    end
    parent = nodes[id]
  end
end

--- Let each position reach to where the next one begins: the server says where tests begin, and not where they end.
function M.close_ranges(node)
  local last_line = node[1].range[3]
  for index = #node, 2, -1 do
    local position = node[index][1]
    if position.range then
      position.range[3] = math.max(position.range[1], last_line)
      last_line = position.range[1] - 1
      M.close_ranges(node[index])
    end
  end
end

return M
