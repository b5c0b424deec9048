--- A floating window with one proven repair after the other, each as the diff it would make.

local M = {}

local KEYS = { '<CR> apply', 'e explain', 'q close' }
local WIDTH, HEIGHT = 100, 30

--- Show the first of several candidates.
---@param candidates table `titles`; `diff(index, use)` calls `use` with lines; `accept(index)`; `explain(index)`
function M.open(candidates)
  candidates.diff(1, function(diff)
    local buffer = vim.api.nvim_create_buf(false, true)
    vim.bo[buffer].bufhidden = 'wipe'
    vim.bo[buffer].filetype = 'diff'
    local window = vim.api.nvim_open_win(buffer, true, {
      relative = 'editor',
      style = 'minimal',
      border = 'rounded',
      row = 1,
      col = 1,
      width = 1,
      height = 1,
    })
    vim.wo[window].wrap = true
    local view = { candidates = candidates, buffer = buffer, window = window, index = 1 }
    M.draw(view, diff)
    M.map_keys(view)
  end)
end

--- Write the candidate of the view, and fit the window to it.
function M.draw(view, diff)
  local count = #view.candidates.titles
  local keys = vim.list_extend({}, KEYS)
  if count > 1 then
    table.insert(keys, 2, 'n next, p previous')
  end
  local lines = {
    (count > 1 and ('%d of %d  '):format(view.index, count) or '') .. view.candidates.titles[view.index],
    table.concat(keys, '   '),
    '',
  }
  vim.list_extend(lines, diff)
  vim.bo[view.buffer].modifiable = true
  vim.api.nvim_buf_set_lines(view.buffer, 0, -1, false, lines)
  vim.bo[view.buffer].modifiable = false
  vim.api.nvim_win_set_config(view.window, M.layout(lines))
  vim.api.nvim_win_set_cursor(view.window, { 1, 0 })
end

--- Return where the window stands: in the middle, as large as its lines need and the screen allows.
function M.layout(lines)
  local columns, rows = vim.o.columns, vim.o.lines - vim.o.cmdheight
  local width = math.max(1, math.min(WIDTH, columns - 4))
  local needed = 0
  for _, line in ipairs(lines) do
    needed = needed + math.max(1, math.ceil(vim.fn.strdisplaywidth(line) / width))
  end
  local height = math.max(1, math.min(HEIGHT, needed, rows - 4))
  return {
    relative = 'editor',
    width = width,
    height = height,
    row = math.max(0, math.floor((rows - height) / 2) - 1),
    col = math.max(0, math.floor((columns - width) / 2) - 1),
  }
end

--- Bind the keys of the view.
function M.map_keys(view)
  local function map(key, action)
    vim.keymap.set('n', key, action, { buffer = view.buffer, nowait = true })
  end
  local function close()
    if vim.api.nvim_win_is_valid(view.window) then
      vim.api.nvim_win_close(view.window, true)
    end
  end
  map('<CR>', function()
    close()
    view.candidates.accept(view.index)
  end)
  map('e', function()
    close()
    view.candidates.explain(view.index)
  end)
  map('n', function()
    M.step(view, 1)
  end)
  map('p', function()
    M.step(view, -1)
  end)
  map('q', close)
  map('<Esc>', close)
end

--- Go on to another candidate; after the last comes the first again.
function M.step(view, by)
  local count = #view.candidates.titles
  local index = (view.index - 1 + by) % count + 1
  view.candidates.diff(index, function(diff)
    if vim.api.nvim_win_is_valid(view.window) then
      view.index = index
      M.draw(view, diff)
    end
  end)
end

return M
