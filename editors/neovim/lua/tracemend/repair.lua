--- Repairs: searched by the server, looked at here as what they would change, applied only when that was accepted.
---
--- The server's own command ends in a question among titles. This plug-in declines that question and offers the proven
--- repairs itself, one by one with its diff. The diff is made from the very edit that accepting applies; on accepting, the
--- server is asked for the edit once more, so that it fits the text of that moment or is refused with a sentence.

local actions = require('tracemend.actions')
local compat = require('tracemend.compat')
local messages = require('tracemend.messages')

local M = {}

local searches = {} -- The request of the search that each client is waiting for.

--- Offer what is proven for the place of the cursor; where nothing is yet, choose a failing test and search.
function M.at_cursor(client, buffer)
  actions.at_cursor(client, buffer, function(found)
    local proven = M.proven(found)
    if #proven > 0 then
      return M.preview(client, buffer, proven)
    end
    actions.failing_test_of(client, found, function(target)
      M.repair(client, buffer, target)
    end)
  end)
end

--- Search repairs of the tests of `target`, and offer what was proven.
---@param target table with `root` and `tests`
function M.repair(client, buffer, target)
  M.cancel(client)
  local params = { command = 'tracemend.repair', arguments = { target } }
  local _, request
  _, request = compat.call(client, 'request', 'workspace/executeCommand', params, function(problem, result)
    if searches[client.id] == request then
      searches[client.id] = nil
    end
    if not messages.failed(problem) and #result.patches > 0 then
      M.offer(client, buffer, { root = target.root, tests = { result.test } })
    end
  end, buffer)
  searches[client.id] = request
end

--- End the search that the user waits for.
---@return boolean whether there was one
function M.cancel(client)
  local request = searches[client.id]
  searches[client.id] = nil
  if request then
    compat.call(client, 'cancel_request', request)
  end
  return request ~= nil
end

--- The handler of `window/showMessageRequest`: our own search is answered by the preview, the rest by the user.
function M.answer_choice(problem, params, context, config)
  local is_choice = #(params.actions or {}) > 0
  for _, action in ipairs(params.actions or {}) do
    is_choice = is_choice and vim.startswith(action.title, 'Repair')
  end
  if is_choice and searches[context.client_id] then
    return vim.NIL
  end
  return vim.lsp.handlers['window/showMessageRequest'](problem, params, context, config)
end

--- Show the proven repairs of a failing test.
function M.offer(client, buffer, target)
  actions.about(client, buffer, target, function(found)
    local proven = vim.tbl_filter(function(action)
      return action.data.test == target.tests[1]
    end, M.proven(found))
    if #proven == 0 then
      return messages.info('The repairs are out of date. Save, and the failure is looked at again.')
    end
    M.preview(client, buffer, proven)
  end)
end

--- Return those of code actions that are proven repairs.
function M.proven(found)
  return vim.tbl_filter(function(action)
    return action.data and action.data.patch
  end, found)
end

--- Let the user look at proven repairs, and apply the one that is accepted.
function M.preview(client, buffer, proven)
  require('tracemend.preview').open({
    titles = vim.tbl_map(function(action)
      return action.title
    end, proven),
    diff = function(index, use)
      M.resolve(client, buffer, proven[index], function(edit)
        use(M.diff(edit, client.offset_encoding))
      end)
    end,
    accept = function(index)
      M.resolve(client, buffer, proven[index], function(edit)
        vim.lsp.util.apply_workspace_edit(edit, client.offset_encoding)
        messages.info('Applied. Save to see the tests run with it; undo takes it back.')
      end)
    end,
    explain = function(index)
      local data = proven[index].data
      local params = { command = 'tracemend.explain', arguments = { { root = data.root, tests = { data.test } } } }
      compat.call(client, 'request', 'workspace/executeCommand', params, messages.failed, buffer)
    end,
  })
end

--- Ask for the edit of a repair as the texts are now. Newer Neovims ask about annotated edits; the preview has done so.
---@param use function(edit: table)
function M.resolve(client, buffer, action, use)
  compat.call(client, 'request', 'codeAction/resolve', action, function(problem, resolved)
    if not messages.failed(problem) then
      use(M.without_annotations(resolved.edit))
    end
  end, buffer)
end

--- Return an edit whose parts carry no annotations.
function M.without_annotations(edit)
  for _, document in ipairs(edit.documentChanges or {}) do
    for _, one in ipairs(document.edits) do
      one.annotationId = nil
    end
  end
  edit.changeAnnotations = nil
  return edit
end

--- Return the lines of a unified diff of what an edit changes.
---@return string[]
function M.diff(edit, encoding)
  local lines = {}
  local changes = vim.deepcopy(edit.changes or {})
  for _, document in ipairs(edit.documentChanges or {}) do
    changes[document.textDocument.uri] = document.edits
  end
  local uris = vim.tbl_keys(changes)
  table.sort(uris)
  for _, uri in ipairs(uris) do
    local name = vim.fn.fnamemodify(vim.uri_to_fname(uri), ':~:.')
    local before, after = M.before_and_after(uri, changes[uri], encoding)
    vim.list_extend(lines, { '--- ' .. name, '+++ ' .. name })
    local hunks = compat.diff(before, after, { ctxlen = 3 })
    vim.list_extend(lines, vim.split(hunks, '\n', { trimempty = true }))
  end
  return lines
end

--- Return the text of a file, and what it is with `edits` applied.
---@return string, string
function M.before_and_after(uri, edits, encoding)
  local buffer = vim.uri_to_bufnr(uri)
  vim.fn.bufload(buffer)
  local lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  local scratch = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(scratch, 0, -1, false, lines)
  vim.lsp.util.apply_text_edits(edits, scratch, encoding)
  local changed = vim.api.nvim_buf_get_lines(scratch, 0, -1, false)
  vim.api.nvim_buf_delete(scratch, { force = true })
  return table.concat(lines, '\n') .. '\n', table.concat(changed, '\n') .. '\n'
end

return M
