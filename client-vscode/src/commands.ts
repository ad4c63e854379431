// The commands of the palette. Each asks the server or opens a part of VS Code; none decides anything.

import { commands, ConfigurationTarget, type Disposable, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { type QuickPickItem, window, workspace } from 'vscode';
import type { EvidenceView } from './evidence';
import { LANGUAGES } from './languages';
import { showReport } from './report';
import type { Server } from './server';

export interface CommandParts {
  readonly context: ExtensionContext;
  readonly server: Server;
  readonly evidence: EvidenceView;
  readonly log: LogOutputChannel;
}

/** Register the commands that package.json names, but for the menu. */
export function registerCommands({ context, server, evidence, log }: CommandParts): Disposable[] {
  const all: Record<string, () => unknown> = {
    explainLast: () => server.run('tactful.explain', ...documentHere()),
    verifyHere: () => verifyHere(server, 'tactful.verify'),
    verifyAndFixHere: () => verifyHere(server, 'tactful.verifyAndFix'),
    showEvidence: () => evidence.open(),
    pauseForAnHour: () => server.run('tactful.pause', 60),
    resume: () => server.run('tactful.pause', 0),
    gateMode: () => chooseValue(context, 'gate.mode', 'How much is shown'),
    backendMode: () => chooseValue(context, 'backend.mode', 'Where suggestions come from'),
    toggleLanguage: () => toggleLanguage(),
    report: () => showReport(server),
    showLog: () => { log.show(); },
    settings: () => commands.executeCommand('workbench.action.openSettings', `@ext:${context.extension.id}`),
    choosePython: () => choosePython(server),
    restart: () => server.restart(),
  };
  return Object.entries(all).map(([name, run]) => commands.registerCommand(`tactful.${name}`, run));
}

function documentHere(): string[] {
  const editor = window.activeTextEditor;
  return editor && LANGUAGES.includes(editor.document.languageId) ? [editor.document.uri.toString()] : [];
}

async function verifyHere(server: Server, command: string): Promise<void> {
  const editor = window.activeTextEditor;
  if (editor) {
    await server.run(command, editor.document.uri.toString(), editor.selection.active.line);
  }
}

/** Let the user choose one of a setting's values, which package.json lists. */
async function chooseValue(context: ExtensionContext, name: string, title: string): Promise<void> {
  const values = valuesOf(context, name);
  const section = workspace.getConfiguration('tactful');
  const now = section.get<string>(name);
  const items = values.map((label): QuickPickItem => ({ label, ...(label === now ? { description: 'now' } : {}) }));
  const chosen = await window.showQuickPick(items, { title });
  if (chosen) {
    await section.update(name, chosen.label, target(name));
  }
}

interface Manifest {
  readonly contributes: { readonly configuration: { readonly properties: Record<string, { enum?: string[] }> } };
}

function valuesOf(context: ExtensionContext, name: string): readonly string[] {
  const manifest = context.extension.packageJSON as Manifest;
  return manifest.contributes.configuration.properties[`tactful.${name}`]?.enum ?? [];
}

/** Say where a setting is changed: where it is set already, else for all of the user's workspaces. */
function target(name: string): ConfigurationTarget {
  const set = workspace.getConfiguration('tactful').inspect(name);
  return set?.workspaceValue === undefined ? ConfigurationTarget.Global : ConfigurationTarget.Workspace;
}

async function toggleLanguage(): Promise<void> {
  const language = window.activeTextEditor?.document.languageId;
  if (!language) {
    return;
  }
  const section = workspace.getConfiguration('tactful');
  const switches = section.get<Record<string, boolean>>('languages') ?? {};
  const on = !(switches[language] ?? true);
  await section.update('languages', { ...switches, [language]: on }, target('languages'));
  void window.setStatusBarMessage(`Tactful: suggestions for ${language} are ${on ? 'on' : 'off'}`, 5000);
}

async function choosePython(server: Server): Promise<void> {
  const chosen = await window.showOpenDialog({ title: 'Python 3.11 or newer', openLabel: 'Choose' });
  const place = chosen?.[0]?.fsPath;
  if (place === undefined) {
    return;
  }
  const section = workspace.getConfiguration('tactful');
  if (section.get('python') === place) {
    await server.restart();
  } else {
    await section.update('python', place, ConfigurationTarget.Global);
  }
}
