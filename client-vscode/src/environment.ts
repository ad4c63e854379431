// The environment that Tactful runs in: its own, made from the wheel that comes with the extension, once for each
// wheel and Python. It is made beside its place and renamed, so that it is there whole or not at all.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { type ExtensionContext, ProgressLocation, window } from 'vscode';
import type { Interpreter } from './python';

const run = promisify(execFile);
const DAY_MS = 86_400_000;
const UNUSED_DAYS = 30;

/** Tactful could not be set up; the message is for the user. */
export class SetupError extends Error {}

/** Return the Python of an environment that holds Tactful; make it, with progress, where there is none yet. */
export async function ensureEnvironment(context: ExtensionContext, python: Interpreter): Promise<string> {
  const wheel = await wheelOf(context);
  const folder = path.join(context.globalStorageUri.fsPath, 'environments');
  const place = path.join(folder, await keyOf(wheel, python));
  if (!existsSync(place)) {
    await mkdir(folder, { recursive: true });
    const title = 'Tactful is setting itself up (only this once)';
    await window.withProgress({ location: ProgressLocation.Notification, title }, async (progress) => {
      await create(place, python, wheel, (message) => { progress.report({ message }); });
    });
  }
  await utimes(place, new Date(), new Date());
  void removeUnused(folder);
  return pythonIn(place);
}

async function create(
  place: string, python: Interpreter, wheel: string, say: (message: string) => void,
): Promise<void> {
  const draft = await mkdtemp(`${place}.`);
  try {
    say(`an environment of Python ${python.version}`);
    await step(python.path, ['-I', '-m', 'venv', draft], 'An environment for Tactful could not be made');
    say('the libraries that it needs');
    const install = ['-I', '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', wheel];
    await step(pythonIn(draft), install, "Tactful's libraries could not be installed");
    await rename(draft, place);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(place)) { // else another window was faster
      throw error;
    }
  }
}

async function step(command: string, args: readonly string[], failure: string): Promise<void> {
  try {
    await run(command, args, { maxBuffer: 1 << 24 });
  } catch (error) {
    const told = error as { stderr?: string; stdout?: string; message: string };
    const lines = `${told.stdout ?? ''}\n${told.stderr ?? ''}`.trim().split('\n');
    const reason = lines.findLast((line) => /error|not available|apt install/i.test(line)) ?? lines.at(-1);
    throw new SetupError(`${failure}: ${(reason ?? told.message).trim()}`, { cause: error });
  }
}

async function wheelOf(context: ExtensionContext): Promise<string> {
  const folder = context.asAbsolutePath('server');
  const name = (await readdir(folder)).find((each) => each.endsWith('.whl'));
  if (!name) {
    throw new SetupError(`There is no wheel in ${folder}: the extension is not packaged whole.`);
  }
  return path.join(folder, name);
}

async function keyOf(wheel: string, python: Interpreter): Promise<string> {
  const hash = createHash('sha256').update(await readFile(wheel)).update(python.path).update(python.version);
  return hash.digest('hex').slice(0, 16);
}

function pythonIn(environment: string): string {
  return process.platform === 'win32'
    ? path.join(environment, 'Scripts', 'python.exe')
    : path.join(environment, 'bin', 'python');
}

/** Remove environments that no window has started from for a month: those of earlier versions and other Pythons. */
async function removeUnused(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const place = path.join(folder, name);
    if (Date.now() - (await stat(place)).mtimeMs > UNUSED_DAYS * DAY_MS) {
      await rm(place, { recursive: true, force: true });
    }
  }
}
