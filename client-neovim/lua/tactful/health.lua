--- :checkhealth tactful

local M = {}

local function check_neovim()
  if vim.fn.has('nvim-0.10') == 0 then
    vim.health.error('Neovim 0.10 or newer is needed', 'Install a newer Neovim')
    return false
  end
  local draws = vim.lsp.inline_completion and 'which draws the suggestions' or 'where the plugin draws the suggestions'
  vim.health.ok(('Neovim %s, %s'):format(vim.fn.execute('version'):match('NVIM v([%w.+-]+)'), draws))
  return true
end

---@return string? command
local function check_server()
  local configs = vim.lsp.config --[[@as table<string, vim.lsp.Config>?]]
  local config = configs and configs.tactful
  local cmd = config and config.cmd or { 'tactful' }
  local command = type(cmd) == 'table' and cmd[1] or nil
  if not command then
    vim.health.info('The server is started by a function of your configuration')
    return nil
  end
  if vim.fn.executable(command) == 0 then
    vim.health.error(('`%s` was not found on the PATH'):format(command), {
      'Install it from a clone of the project: pipx install /path/to/tactful',
      "Or say where it is: vim.lsp.config('tactful', { cmd = { '/path/to/tactful', 'serve' } })",
    })
    return nil
  end
  return command
end

---@param command string
local function check_version(command)
  local ok, result = pcall(function()
    return vim.system({ command, '--version' }, { text = true }):wait(10000)
  end)
  if ok and result.code == 0 then
    vim.health.ok(('%s (%s)'):format(vim.trim(result.stdout or ''), vim.fn.exepath(command)))
  else
    vim.health.error(('`%s --version` failed'):format(command), ('Run `%s doctor` in a shell'):format(command))
  end
end

local function check_clients()
  if vim.lsp.is_enabled and not vim.lsp.is_enabled('tactful') then
    vim.health.warn('The server is not enabled', "Add to your init.lua: vim.lsp.enable('tactful')")
    return
  end
  local clients = vim.lsp.get_clients({ name = 'tactful' })
  if #clients == 0 then
    vim.health.info('No buffer uses it now; it starts when a file of its languages is opened')
  end
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_count(client.attached_buffers)
    vim.health.ok(('Serves %d buffer(s) in %s'):format(buffers, client.root_dir or 'no project folder'))
  end
end

local function check_keys()
  if vim.fn.hasmapto('<Plug>(tactful-accept)', 'i') == 1 then
    vim.health.ok('A key accepts the suggestion')
    return
  end
  vim.health.info(
    'No key is mapped to <Plug>(tactful-accept) (a mapping that calls accept() is not seen here); '
      .. ':help tactful-mappings has examples'
  )
end

function M.check()
  vim.health.start('tactful')
  if not check_neovim() then
    return
  end
  local command = check_server()
  if command then
    check_version(command)
  end
  check_clients()
  check_keys()
end

return M
