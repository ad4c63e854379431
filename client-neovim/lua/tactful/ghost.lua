--- Draws suggestions with extmarks in Neovim 0.10 and 0.11, which have no vim.lsp.inline_completion. Offers that
--- module's functions as far as the plugin uses them, so that it need not know which of the two draws.

local M = {}

local METHOD = 'textDocument/inlineCompletion'
local INVOKED, AUTOMATIC = 1, 2
local DEBOUNCE_MS = 100

local space = vim.api.nvim_create_namespace('tactful.ghost')
local group = vim.api.nvim_create_augroup('tactful.ghost', {})

---@class tactful.ghost.Range
---@field to_extmark fun(): integer, integer, integer, integer First row and byte column, last row and byte column.

---@class tactful.ghost.Item
---@field client_id integer
---@field insert_text string
---@field range? tactful.ghost.Range
---@field command? lsp.Command

---@class tactful.ghost.State What one buffer shows and waits for.
---@field items tactful.ghost.Item[]
---@field index integer
---@field timer uv.uv_timer_t
---@field cancel? fun() Takes the request in flight back.

---@type table<integer, tactful.ghost.State>
local states = {}

---@param client vim.lsp.Client
---@param params table
---@param handler lsp.Handler
---@param bufnr integer
---@return fun() cancel
local function request(client, params, handler, bufnr)
  if vim.fn.has('nvim-0.11') == 1 then
    local ok, id = client:request(METHOD, params, handler, bufnr)
    return function()
      if ok and id then
        client:cancel_request(id)
      end
    end
  end
  -- Neovim 0.10 has functions where later ones have methods.
  local old = client --[[@as table]]
  local ok, id = old.request(METHOD, params, handler, bufnr)
  return function()
    if ok and id then
      old.cancel_request(id)
    end
  end
end

---@param bufnr integer
---@param position lsp.Position
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return integer byte
local function to_byte(bufnr, position, encoding)
  local line = vim.api.nvim_buf_get_lines(bufnr, position.line, position.line + 1, false)[1] or ''
  if vim.fn.has('nvim-0.11') == 1 then
    return vim.str_byteindex(line, encoding, position.character, false)
  end
  local old = vim.lsp.util --[[@as table]]
  return old._str_byteindex_enc(line, position.character, encoding)
end

---@param bufnr integer
---@param range lsp.Range
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return tactful.ghost.Range
local function to_range(bufnr, range, encoding)
  local first, last = to_byte(bufnr, range.start, encoding), to_byte(bufnr, range['end'], encoding)
  return {
    to_extmark = function()
      return range.start.line, first, range['end'].line, last
    end,
  }
end

---@param bufnr integer
---@param result? lsp.InlineCompletionItem[]|lsp.InlineCompletionList
---@param client vim.lsp.Client
---@return tactful.ghost.Item[]
local function to_items(bufnr, result, client)
  local items = {}
  for _, item in ipairs(result and (result.items or result) or {}) do
    local text = item.insertText
    table.insert(items, {
      client_id = client.id,
      insert_text = type(text) == 'table' and text.value or text,
      range = item.range and to_range(bufnr, item.range, client.offset_encoding),
      command = item.command,
    })
  end
  return items
end

--- What of an item is still to come behind the cursor.
---@param item tactful.ghost.Item
---@return string? # nil where the cursor left the item or something else was typed
local function rest_of(item)
  local cursor = vim.api.nvim_win_get_cursor(0)
  if not item.range then
    return item.insert_text
  end
  local row, first = item.range.to_extmark()
  local typed = vim.api.nvim_get_current_line():sub(first + 1, cursor[2])
  if row ~= cursor[1] - 1 or cursor[2] < first or not vim.startswith(item.insert_text, typed) then
    return nil
  end
  return item.insert_text:sub(#typed + 1)
end

---@param bufnr integer
local function clear(bufnr)
  vim.api.nvim_buf_clear_namespace(bufnr, space, 0, -1)
end

---@param bufnr integer
local function draw(bufnr)
  clear(bufnr)
  local state = states[bufnr]
  local item = state.items[state.index]
  local rest = item and rest_of(item)
  if not rest or rest == '' or not vim.startswith(vim.api.nvim_get_mode().mode, 'i') then
    return
  end
  local lines = vim.split(rest, '\n', { plain = true })
  local below = {}
  for index = 2, #lines do
    table.insert(below, { { lines[index], 'ComplHint' } })
  end
  local cursor = vim.api.nvim_win_get_cursor(0)
  vim.api.nvim_buf_set_extmark(bufnr, space, cursor[1] - 1, cursor[2], {
    virt_text = { { lines[1], 'ComplHint' } },
    virt_text_pos = 'inline',
    virt_lines = #below > 0 and below or nil,
  })
end

---@param bufnr integer
local function forget(bufnr)
  local state = states[bufnr]
  state.timer:stop()
  if state.cancel then
    state.cancel()
    state.cancel = nil
  end
  state.items, state.index = {}, 1
  clear(bufnr)
end

---@param bufnr integer
---@param kind integer
---@param done? fun()
local function ask(bufnr, kind, done)
  local state = states[bufnr]
  local client = vim.lsp.get_clients({ bufnr = bufnr, name = 'tactful' })[1]
  if not client or vim.api.nvim_get_current_buf() ~= bufnr then
    return
  end
  if state.cancel then
    state.cancel()
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding) --[[@as table]]
  params.context = { triggerKind = kind }
  local tick = vim.api.nvim_buf_get_changedtick(bufnr)
  state.cancel = request(client, params, function(_, result)
    if states[bufnr] ~= state or vim.api.nvim_buf_get_changedtick(bufnr) ~= tick then
      return -- an answer to an older text
    end
    state.cancel = nil
    state.items, state.index = to_items(bufnr, result, client), 1
    if done then
      done()
    end
    draw(bufnr)
  end, bufnr)
end

---@param bufnr integer
local function on_change(bufnr)
  draw(bufnr) -- what is typed through stays on show meanwhile
  states[bufnr].timer:start(
    DEBOUNCE_MS,
    0,
    vim.schedule_wrap(function()
      if states[bufnr] and vim.startswith(vim.api.nvim_get_mode().mode, 'i') then
        ask(bufnr, AUTOMATIC)
      end
    end)
  )
end

---@param bufnr integer
local function disable(bufnr)
  forget(bufnr)
  states[bufnr].timer:close()
  states[bufnr] = nil
  vim.api.nvim_clear_autocmds({ group = group, buffer = bufnr })
end

---@param wanted boolean
---@param filter { bufnr: integer }
function M.enable(wanted, filter)
  local bufnr = filter.bufnr
  if wanted == (states[bufnr] ~= nil) then
    return
  end
  if not wanted then
    disable(bufnr)
    return
  end
  vim.api.nvim_set_hl(0, 'ComplHint', { link = 'NonText', default = true })
  states[bufnr] = { items = {}, index = 1, timer = assert(vim.uv.new_timer()) }
  local function on(events, action)
    vim.api.nvim_create_autocmd(events, {
      group = group,
      buffer = bufnr,
      callback = function()
        action(bufnr)
      end,
    })
  end
  on({ 'InsertEnter', 'TextChangedI', 'TextChangedP', 'CursorMovedI' }, on_change)
  on({ 'InsertLeave', 'BufLeave' }, forget)
  on({ 'BufUnload' }, disable)
end

--- Accept the item on show, by `on_accept`, outside of the mapping that asks for it. Returns false where none is.
---@param opts { on_accept: fun(item: tactful.ghost.Item) }
---@return boolean
function M.get(opts)
  local state = states[vim.api.nvim_get_current_buf()]
  local item = state and state.items[state.index]
  local rest = item and rest_of(item)
  if not item or not rest or rest == '' then
    return false
  end
  vim.schedule(function()
    opts.on_accept(item)
  end)
  return true
end

--- Show another item; the others are asked for the first time that one is wanted.
---@param opts { count: integer }
function M.select(opts)
  local bufnr = vim.api.nvim_get_current_buf()
  local state = states[bufnr] ---@type tactful.ghost.State?
  if not state then
    return
  end
  local function move()
    if #state.items > 0 then
      state.index = (state.index - 1 + opts.count) % #state.items + 1
      draw(bufnr)
    end
  end
  if #state.items == 1 then
    ask(bufnr, INVOKED, move)
  else
    move()
  end
end

return M
