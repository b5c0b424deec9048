--- What the user is told, all of it through `vim.notify`.

local M = {}

local levels = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG }

---@param text string
function M.info(text)
  vim.notify(text, vim.log.levels.INFO, { title = 'tracemend' })
end

---@param text string
function M.warn(text)
  vim.notify(text, vim.log.levels.WARN, { title = 'tracemend' })
end

--- Show an error that the server answered with; what was cancelled needs no message.
---@param problem table|nil
---@return boolean whether there was one
function M.failed(problem)
  if problem and problem.code ~= -32800 then
    M.warn(problem.message or tostring(problem))
  end
  return problem ~= nil
end

--- The handler of `window/showMessage`.
function M.show(_, params)
  vim.notify(params.message, levels[params.type] or vim.log.levels.INFO, { title = 'tracemend' })
end

return M
