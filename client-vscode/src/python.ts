// Which Python runs Tactful: the Python extension's interpreter, else the setting `tactful.python`, else the PATH's.
// The first that is new enough wins.

import { execFile } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { extensions, type Uri, workspace } from 'vscode';

const OLDEST = [3, 11] as const;
const TIMEOUT_MS = 15_000;
// Isolated (-I): nothing of the folder it is started in, nor of the user's variables, is imported.
const ASK = ['-I', '-c', 'import json, sys; print(json.dumps([*sys.version_info[:3], sys.executable]))'];

export interface Interpreter {
  readonly path: string;
  readonly version: string;
}

interface Found extends Interpreter {
  readonly fits: boolean;
}

/** What the Python extension lets others see; only what is used here. */
interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: Uri): { readonly path: string };
    resolveEnvironment(place: { readonly path: string }): Promise<
      { readonly executable: { readonly uri: Uri | undefined } } | undefined
    >;
    onDidChangeActiveEnvironmentPath(listener: () => void): { dispose(): void };
  };
}

/** Return the interpreter to run Tactful with, or the sentence that says what is missing. */
export async function findPython(): Promise<Interpreter | string> {
  const tooOld: Found[] = [];
  for await (const candidate of candidates()) {
    const found = await ask(candidate);
    if (found?.fits) {
      return found;
    }
    if (found) {
      tooOld.push(found);
    }
  }
  const wanted = OLDEST.join('.');
  const [first] = tooOld;
  return first
    ? `Tactful needs Python ${wanted} or newer; ${first.path} is Python ${first.version}.`
    : `Tactful needs Python ${wanted} or newer and found no Python.`;
}

/** Return the interpreter that the Python extension has chosen for the project, if that extension is there. */
export async function projectPython(): Promise<string | undefined> {
  if (!workspace.isTrusted) {
    return undefined; // it may lie in the folder itself
  }
  const api = await pythonApi();
  const chosen = api?.environments.getActiveEnvironmentPath(workspace.workspaceFolders?.[0]?.uri);
  return chosen && (await api?.environments.resolveEnvironment(chosen))?.executable.uri?.fsPath;
}

/** Call `listener` whenever another interpreter is chosen in the Python extension. */
export async function onProjectPythonChange(listener: () => void): Promise<{ dispose(): void } | undefined> {
  return (await pythonApi())?.environments.onDidChangeActiveEnvironmentPath(listener);
}

async function* candidates(): AsyncGenerator<string> {
  const ofProject = await projectPython();
  if (ofProject) {
    yield ofProject;
  }
  const configured = workspace.getConfiguration('tactful').get<string>('python');
  if (configured) {
    yield configured.startsWith('~') ? path.join(homedir(), configured.slice(1)) : configured;
  }
  yield* process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python'];
}

async function pythonApi(): Promise<PythonApi | undefined> {
  const extension = extensions.getExtension<Partial<PythonApi>>('ms-python.python');
  try {
    const api = await extension?.activate();
    return api?.environments ? { environments: api.environments } : undefined;
  } catch {
    return undefined; // an extension that does not start has chosen nothing
  }
}

async function ask(command: string): Promise<Found | undefined> {
  try {
    const { stdout } = await promisify(execFile)(command, ASK, { cwd: tmpdir(), timeout: TIMEOUT_MS });
    const [major, minor, patch, executable] = JSON.parse(stdout) as [number, number, number, string];
    const fits = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
    return { path: executable, version: [major, minor, patch].join('.'), fits };
  } catch {
    return undefined;
  }
}
