--- Other suggestions than the one on show, in Neovim 0.12: while you type it asks for one, and moves only among what
--- it has. This asks by hand, for all there are, when another one is wanted, and lets Neovim show the answer.

local M = {}

local METHOD = 'textDocument/inlineCompletion'
local INVOKED = 1

---@class tactful.Asked The last request for a buffer.
---@field handler lsp.Handler Neovim's own, which keeps an answer's items and shows the first.
---@field by_hand boolean Whether it was for all there are.

---@type table<integer, tactful.Asked>
local asked = {}

--- Take note of what Neovim asks a client for. Nothing is changed by that.
---@param client vim.lsp.Client
function M.watch(client)
  local methods = client --[[@as table<string, function>]]
  local request = methods.request
  methods.request = function(self, method, params, handler, bufnr)
    if method == METHOD and bufnr and handler then
      asked[bufnr] = { handler = handler, by_hand = params.context.triggerKind == INVOKED }
    end
    return request(self, method, params, handler, bufnr)
  end
end

---@param bufnr integer
---@return boolean
local function is_shown(bufnr)
  local space = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
  return space ~= nil and #vim.api.nvim_buf_get_extmarks(bufnr, space, 0, -1, { limit = 1 }) > 0
end

--- Show another suggestion; where none is on show, the first.
---@param client vim.lsp.Client
---@param bufnr integer
---@param count integer 1 for the next, -1 for the one before
function M.select(client, bufnr, count)
  local last = asked[bufnr]
  local function move()
    vim.lsp.inline_completion.select({ bufnr = bufnr, count = count })
  end
  if not last or last.by_hand then
    move()
    return
  end
  local shown, tick = is_shown(bufnr), vim.api.nvim_buf_get_changedtick(bufnr)
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding) --[[@as table]]
  params.context = { triggerKind = INVOKED }
  client:request(METHOD, params, function(err, result, ctx)
    if vim.api.nvim_buf_get_changedtick(bufnr) ~= tick then
      return -- an answer to an older text
    end
    last.handler(err, result, ctx)
    if shown then
      move()
    end
  end, bufnr)
end

return M
