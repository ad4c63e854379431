// The menu of the status bar item.

import { commands, type QuickPickItem, window, workspace } from 'vscode';
import type { StatusView } from './status';

interface Entry extends QuickPickItem {
  readonly command: string;
}

/** Show the menu and run what is chosen. */
export async function showMenu(status: StatusView): Promise<void> {
  const { message } = status.current;
  const chosen = await window.showQuickPick(entries(status), { title: 'Tactful', placeHolder: message });
  if (chosen) {
    await commands.executeCommand(chosen.command);
  }
}

function entries(status: StatusView): Entry[] {
  const section = workspace.getConfiguration('tactful');
  const language = window.activeTextEditor?.document.languageId;
  const switches = section.get<Record<string, boolean>>('languages') ?? {};
  const off = language !== undefined && switches[language] === false;
  const paused = status.current.state === 'paused';
  return [
    paused
      ? { label: '$(debug-start) Suggest again', command: 'tactful.resume' }
      : { label: '$(debug-pause) Pause for an hour', command: 'tactful.pauseForAnHour' },
    { label: '$(filter) Gate mode', description: section.get('gate.mode', ''), command: 'tactful.gateMode' },
    { label: '$(server) Backend', description: section.get('backend.mode', ''), command: 'tactful.backendMode' },
    ...(language === undefined ? [] : [{
      label: `$(code) Suggestions for ${language}`, description: off ? 'off' : 'on', command: 'tactful.toggleLanguage',
    }]),
    { label: '$(question) Why was the last suggestion shown or hidden?', command: 'tactful.explainLast' },
    { label: '$(beaker) Verify and fix', command: 'tactful.verifyAndFixHere' },
    { label: '$(file) Evidence of the last verification', command: 'tactful.showEvidence' },
    { label: '$(graph) Report', command: 'tactful.report' },
    { label: '$(output) Log', command: 'tactful.showLog' },
    { label: '$(gear) Settings', command: 'tactful.settings' },
    { label: '$(refresh) Restart the server', command: 'tactful.restart' },
  ];
}
