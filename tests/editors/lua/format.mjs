// Says which Lua files are not formatted as StyLua formats them: format.mjs STYLUA FILE..., with --write puts them right.
// STYLUA is the folder of StyLua's package for Node, which has no command line; the options are client-neovim's
// .stylua.toml, read here as far as it goes.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [place, ...rest] = process.argv.slice(2);
const write = rest.includes('--write');
const files = rest.filter((each) => each !== '--write');
const stylua = createRequire(join(process.cwd(), 'any.js'))(place);
const { Config, IndentType, LineEndings, LuaVersion, OutputVerification, QuoteStyle } = stylua;

const VALUES = {
  column_width: Number,
  indent_type: (name) => IndentType[name],
  indent_width: Number,
  quote_style: (name) => QuoteStyle[name],
};

function options() {
  const config = Config.new();
  config.syntax = LuaVersion.LuaJIT;
  config.line_endings = LineEndings.Unix;
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
  const text = readFileSync(join(root, 'client-neovim', '.stylua.toml'), 'utf8');
  for (const [, name, value] of text.matchAll(/^(\w+) *= *"?([\w]+)"?$/gm)) {
    config[name] = VALUES[name](value);
  }
  return config;
}

let failures = 0;
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const formatted = stylua.formatCode(text, options(), undefined, OutputVerification.Full);
  if (formatted !== text && write) {
    writeFileSync(file, formatted);
  } else if (formatted !== text) {
    const lines = formatted.split('\n');
    const line = text.split('\n').findIndex((each, index) => each !== lines[index]);
    console.error(`${file}:${line + 1}: StyLua writes this differently: ${lines[line]}`);
    failures += 1;
  }
}
process.exit(failures ? 1 : 0);
