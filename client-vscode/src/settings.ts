// What the server is told: the section `tactful` without what is the extension's own, and what VS Code knows besides,
// namely whether the workspace is trusted and which Python the project has.

import { type ConfigurationScope, workspace } from 'vscode';
import { projectPython } from './python';

const OWN = ['python'];

export type Json = Record<string, unknown>;

/** Return the settings as the server takes them. */
export async function serverSettings(scope?: ConfigurationScope): Promise<Json> {
  const section = JSON.parse(JSON.stringify(workspace.getConfiguration('tactful', scope))) as Json;
  for (const name of OWN) {
    Reflect.deleteProperty(section, name);
  }
  const verify = section['verify'] as Json;
  verify['python'] ||= (await projectPython()) ?? '';
  section['trusted'] = workspace.isTrusted ? trustedHere(section['trusted']) : false;
  return section;
}

/** VS Code has asked already whether this folder is trusted; only a plain no stands against its answer. */
function trustedHere(setting: unknown): boolean {
  return setting !== false;
}
