--- Tactful in Neovim: commands, <Plug> mappings and a status text around the language server. Suggestions are drawn by
--- vim.lsp.inline_completion, before Neovim 0.12 by tactful.ghost; what to suggest, when, and what became of it is the
--- server's business.

local M = {}

local NAME = 'tactful'

---@class tactful.Item: vim.lsp.inline_completion.Item

---@param bufnr integer
---@return vim.lsp.Client?
local function client_of(bufnr)
  return vim.lsp.get_clients({ bufnr = bufnr, name = NAME })[1]
end

--- What draws the suggestions.
local function display()
  return vim.lsp.inline_completion or require('tactful.ghost')
end

---@param client vim.lsp.Client
---@param command lsp.Command
---@param bufnr integer
---@param handler? lsp.Handler
local function exec_cmd(client, command, bufnr, handler)
  if vim.fn.has('nvim-0.11') == 1 then
    client:exec_cmd(command, { bufnr = bufnr }, handler)
  else
    local old = client --[[@as table]]
    old.request('workspace/executeCommand', command, handler or function() end, bufnr)
  end
end

---@param item tactful.Item
---@return string
local function text_of(item)
  local text = item.insert_text
  return type(text) == 'string' and text or text.value
end

---@class tactful.Place Where an item goes, all in bytes of one line.
---@field row integer 0-based
---@field first integer Column where the item's text begins.
---@field last integer Column where what it replaces ends.
---@field typed string What of its text stands there already.

--- An item's range does not follow what is typed after it was shown, so its place is read from the cursor.
---@param item tactful.Item
---@return tactful.Place? # nil when the cursor left the item
local function place_of(item)
  local cursor = vim.api.nvim_win_get_cursor(0)
  local row, col = cursor[1] - 1, cursor[2]
  if not item.range then
    return { row = row, first = col, last = col, typed = '' }
  end
  local first_row, first, last_row, last = item.range:to_extmark()
  local typed = vim.api.nvim_get_current_line():sub(first + 1, col)
  if first_row ~= row or last_row ~= row or col < first or not vim.startswith(text_of(item), typed) then
    return nil
  end
  return { row = row, first = first, last = math.max(last, col), typed = typed }
end

--- Put `text` in its place and the cursor behind it, as one step to undo.
---@param place tactful.Place
---@param text string
local function insert(place, text)
  local lines = vim.split(text, '\n', { plain = true })
  vim.bo.undolevels = vim.bo.undolevels -- ends the undo step of the typing before
  vim.api.nvim_buf_set_text(0, place.row, place.first, place.row, place.last, lines)
  local before = #lines == 1 and place.first or 0
  vim.api.nvim_win_set_cursor(0, { place.row + #lines, before + #lines[#lines] })
end

---@param take fun(typed: string, text: string): string What of the text to insert, given how it begins already.
---@return boolean
local function accept(take)
  return display().get({
    on_accept = function(item)
      local place, text = place_of(item), text_of(item)
      if not place then
        return
      end
      local taken = take(place.typed, text)
      insert(place, taken)
      local client = vim.lsp.get_client_by_id(item.client_id)
      if taken == text and item.command and client then
        exec_cmd(client, item.command, vim.api.nvim_get_current_buf())
      end
    end,
  })
end

--- Insert the suggestion. Returns false when there is none, so that a mapping can do something else.
---@return boolean
function M.accept()
  return accept(function(_, text)
    return text
  end)
end

--- Insert the next word of the suggestion, with what stands before it.
---@return boolean
function M.accept_word()
  return accept(function(typed, text)
    local rest = text:sub(#typed + 1)
    return typed .. (rest:match('^[^%w_\128-\255]*[%w_\128-\255]+') or rest)
  end)
end

--- Insert the rest of the suggestion's current line.
---@return boolean
function M.accept_line()
  return accept(function(typed, text)
    local rest = text:sub(#typed + 1)
    return typed .. (rest:match('^\n*[^\n]+') or rest)
  end)
end

--- Show another suggestion, where the server offers several.
---@param count? integer 1 for the next (default), -1 for the one before
function M.select(count)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = client_of(bufnr)
  if client and vim.lsp.inline_completion then
    require('tactful.alternatives').select(client, bufnr, count or 1)
  elseif client then
    require('tactful.ghost').select({ count = count or 1 })
  end
end

--- Run one of the server's commands for the current buffer.
---@param command string
---@param arguments? any[]
---@param on_result? fun(result: table)
local function run(command, arguments, on_result)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = client_of(bufnr)
  if not client then
    vim.notify('Tactful is not running in this buffer. See :checkhealth tactful', vim.log.levels.WARN)
    return
  end
  local asked = { title = command, command = command, arguments = arguments }
  exec_cmd(client, asked, bufnr, function(err, result)
    if err then
      vim.notify('Tactful: ' .. err.message, vim.log.levels.ERROR)
    elseif on_result and result then
      on_result(result)
    end
  end)
end

--- Say why the last suggestion in this buffer was shown or hidden, and how to change it, in a floating window that goes
--- when the cursor moves.
function M.explain()
  run('tactful.explain', { vim.uri_from_bufnr(0), true }, function(result)
    local lines = vim.split(result.markdown, '\n', { plain = true })
    vim.lsp.util.open_floating_preview(lines, 'markdown', { focus_id = 'tactful.explain', border = 'rounded' })
  end)
end

--- Run the tests near the function under the cursor.
function M.verify()
  run('tactful.verify', { vim.uri_from_bufnr(0), vim.api.nvim_win_get_cursor(0)[1] - 1 })
end

--- Run the tests near the function under the cursor and offer a repair when they fail.
function M.verify_and_fix()
  run('tactful.verifyAndFix', { vim.uri_from_bufnr(0), vim.api.nvim_win_get_cursor(0)[1] - 1 })
end

--- Make no suggestions for some time; 0 ends the pause.
---@param minutes? number
function M.pause(minutes)
  run('tactful.pause', minutes and { minutes } or {})
end

---@type table<integer, string> What each client is doing, by its id.
local activity = {}

--- A short text for the status line: empty where Tactful is not running, else its name and what it is doing.
---@return string
function M.status()
  local client = client_of(vim.api.nvim_get_current_buf())
  if not client then
    return ''
  end
  local doing = activity[client.id]
  return doing and (NAME .. ': ' .. doing) or NAME
end

local MOST_RESTARTS = 3 -- in a session; a server that ends more often will not get better
local restarts = 0

--- Start the server again after it crashed, before the next key: Neovim does not report changes of a buffer that had no
--- client for a while. Called when a client ends.
---@param code integer
---@param signal integer
function M.restart(code, signal)
  local stopped = code == 0 and (signal == 0 or signal == 15)
  if stopped or vim.v.exiting ~= vim.NIL then
    return
  end
  vim.schedule(function()
    if vim.lsp.is_enabled and not vim.lsp.is_enabled(NAME) then
      return
    end
    restarts = restarts + 1
    if restarts > MOST_RESTARTS then
      vim.notify('Tactful has ended too often and is not started again. See :checkhealth tactful', vim.log.levels.WARN)
      return
    end
    M.enable()
  end)
end

---@class tactful.OldConfig: vim.lsp.ClientConfig What lsp/tactful.lua returns.
---@field filetypes string[]
---@field root_markers (string|string[])[]
---@field capabilities lsp.ClientCapabilities

--- Start the server for the buffers of Neovim 0.10, which has no vim.lsp.enable.
---@param config tactful.OldConfig
local function enable_old(config)
  local markers = {} ---@type string[]
  for _, marker in ipairs(config.root_markers) do
    vim.list_extend(markers, type(marker) == 'table' and marker or { marker })
  end
  local capabilities = vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), config.capabilities)
  local function start(bufnr)
    local own = { name = NAME, root_dir = vim.fs.root(bufnr, markers), capabilities = capabilities }
    vim.lsp.start(vim.tbl_extend('force', config, own) --[[@as vim.lsp.ClientConfig]], {
      bufnr = bufnr,
      reuse_client = function(client) -- one that has just died may still be listed
        local old = client --[[@as table]]
        return old.name == NAME and old.root_dir == own.root_dir and not old.is_stopped()
      end,
    })
  end
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('tactful.start', {}),
    pattern = config.filetypes,
    callback = function(args)
      start(args.buf)
    end,
  })
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) and vim.tbl_contains(config.filetypes, vim.bo[bufnr].filetype) then
      start(bufnr)
    end
  end
end

local overrides = {} ---@type table What M.enable was given, for Neovim 0.10.

--- Enable the server, as vim.lsp.enable('tactful') does where Neovim has it.
---@param config? table What differs from lsp/tactful.lua, as for vim.lsp.config.
function M.enable(config)
  if vim.fn.has('nvim-0.11') == 1 then
    if config then
      vim.lsp.config(NAME, config)
    end
    vim.lsp.enable(NAME)
    return
  end
  overrides = config or overrides
  local file = vim.api.nvim_get_runtime_file('lsp/tactful.lua', false)[1]
  enable_old(vim.tbl_deep_extend('force', dofile(file), overrides) --[[@as tactful.OldConfig]])
end

---@param args vim.api.keyset.create_autocmd.callback_args
local function on_progress(args)
  local client = vim.lsp.get_client_by_id(args.data.client_id)
  if not client or client.name ~= NAME then
    return
  end
  local value = args.data.params.value
  if value.kind == 'end' then
    activity[client.id] = nil
  else
    local title = (value.title or activity[client.id] or ''):gsub('^Tactful: ', ''):gsub(' %d+%%$', '')
    activity[client.id] = value.percentage and ('%s %d%%'):format(title, value.percentage) or title
  end
  vim.schedule(vim.cmd.redrawstatus)
end

local watched = {} ---@type table<integer, boolean> Clients whose requests are noted, by id.

---@param args vim.api.keyset.create_autocmd.callback_args
local function on_attach(args)
  local client = vim.lsp.get_client_by_id(args.data.client_id)
  if not client or client.name ~= NAME then
    return
  end
  if vim.lsp.inline_completion and not watched[client.id] then
    watched[client.id] = true
    require('tactful.alternatives').watch(client)
  end
  if vim.g.tactful_inline_completion ~= false then
    display().enable(true, { bufnr = args.buf })
  end
end

local function create_commands()
  local command = vim.api.nvim_create_user_command
  command('TactfulExplain', M.explain, { desc = 'Why the last suggestion was shown or hidden' })
  command('TactfulVerify', M.verify, { desc = 'Run the tests near the function under the cursor' })
  command('TactfulVerifyAndFix', M.verify_and_fix, { desc = 'Run the tests and offer a repair when they fail' })
  command('TactfulPause', function(opts)
    M.pause(tonumber(opts.args))
  end, { nargs = '?', desc = 'Make no suggestions for some minutes (60); 0 ends the pause' })
end

local function create_mappings()
  local map = vim.keymap.set
  map('i', '<Plug>(tactful-accept)', M.accept, { desc = 'Accept the suggestion' })
  map('i', '<Plug>(tactful-accept-word)', M.accept_word, { desc = 'Accept the next word of the suggestion' })
  map('i', '<Plug>(tactful-accept-line)', M.accept_line, { desc = "Accept the suggestion's line" })
  map('i', '<Plug>(tactful-next)', function()
    M.select(1)
  end, { desc = 'Next suggestion' })
  map('i', '<Plug>(tactful-previous)', function()
    M.select(-1)
  end, { desc = 'Previous suggestion' })
  map('n', '<Plug>(tactful-explain)', M.explain, { desc = 'Why was the last suggestion shown or hidden?' })
  map('n', '<Plug>(tactful-verify)', M.verify, { desc = 'Run the near tests' })
  map('n', '<Plug>(tactful-verify-and-fix)', M.verify_and_fix, { desc = 'Run the near tests and offer a repair' })
end

--- Create the commands, mappings and autocommands, once. Called by plugin/ and lsp/, in whichever order they load.
function M.register()
  if vim.g.loaded_tactful then
    return
  end
  vim.g.loaded_tactful = true
  if vim.fn.has('nvim-0.10') == 0 then
    vim.notify_once('Tactful needs Neovim 0.10 or newer', vim.log.levels.WARN)
    return
  end
  create_commands()
  create_mappings()
  local group = vim.api.nvim_create_augroup('tactful', {})
  vim.api.nvim_create_autocmd('LspAttach', { group = group, callback = on_attach })
  vim.api.nvim_create_autocmd('LspProgress', { group = group, callback = on_progress })
end

return M
