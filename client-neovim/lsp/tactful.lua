-- Found by vim.lsp.enable('tactful'). Anything here can be overridden with vim.lsp.config('tactful', { ... }).
require('tactful').register()

---@type vim.lsp.Config
return {
  cmd = { 'tactful', 'serve' },
  filetypes = { 'python' },
  root_markers = {
    { 'pyproject.toml', 'setup.py', 'setup.cfg', 'pytest.ini', 'tox.ini', 'requirements.txt' },
    '.git',
  },
}
