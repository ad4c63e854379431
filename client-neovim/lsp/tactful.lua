-- Found by vim.lsp.enable('tactful'). Anything here can be overridden with vim.lsp.config('tactful', { ... }).
require('tactful').register()

---@type vim.lsp.Config
return {
  cmd = { 'tactful', 'serve' },
  filetypes = { 'python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact' },
  root_markers = {
    { 'pyproject.toml', 'setup.py', 'setup.cfg', 'pytest.ini', 'tox.ini', 'requirements.txt' },
    { 'package.json', 'tsconfig.json' },
    '.git',
  },
  -- Neovim applies document changes without saying so; with them a fix is shown for confirmation as an edit.
  capabilities = {
    workspace = { workspaceEdit = { documentChanges = true } },
    textDocument = { inlineCompletion = { dynamicRegistration = false } }, -- not said by itself before 0.12
  },
  -- The server asks for its settings too, but by then the first request may be on its way.
  before_init = function(params, config)
    local settings = vim.tbl_get(config, 'settings', 'tactful') ---@type table?
    if settings then
      local given = params.initializationOptions --[[@as any]]
      params.initializationOptions = vim.tbl_deep_extend('keep', given or {}, settings) --[[@as any]]
    end
  end,
  on_exit = function(code, signal)
    require('tactful').restart(code, signal)
  end,
}
