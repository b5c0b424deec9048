-- What exists before `setup` is called: the command, which then says what is missing, and the colours.

if vim.g.loaded_tracemend then
  return
end
vim.g.loaded_tracemend = true

vim.api.nvim_create_user_command('Tracemend', function(arguments)
  require('tracemend.commands').run(arguments.fargs)
end, {
  nargs = '*',
  complete = function(lead, line)
    return require('tracemend.commands').complete(lead, line)
  end,
  desc = 'Run, trace, explain and repair tests with tracemend',
})

vim.api.nvim_set_hl(0, 'TracemendValue', { link = 'Comment', default = true })
