// The status bar item: what the server says of itself, in a word and an icon.

import { MarkdownString, StatusBarAlignment, type StatusBarItem, ThemeColor, window } from 'vscode';

/** What the server sends as `tactful/status`; `starting` and `stopped` are the extension's own. */
export interface Status {
  readonly state: 'starting' | 'stopped' | 'ready' | 'indexing' | 'thinking' | 'paused' | 'offline' | 'modelError';
  readonly message: string;
  readonly percentage?: number | null;
}

const ICONS: Record<Status['state'], string> = {
  starting: '$(loading~spin)',
  stopped: '$(error)',
  ready: '$(sparkle)',
  indexing: '$(sync~spin)',
  thinking: '$(ellipsis)',
  paused: '$(debug-pause)',
  offline: '$(debug-disconnect)',
  modelError: '$(warning)',
};

const WORDS: Partial<Record<Status['state'], string>> = {
  starting: 'starting',
  indexing: 'indexing',
  paused: 'paused',
  offline: 'offline',
  modelError: 'model error',
  stopped: 'stopped',
};

export interface StatusView {
  readonly current: Status;
  readonly show: (status: Status) => void;
  readonly dispose: () => void;
}

/** Return the status bar item, which opens the menu. */
export function createStatusView(): StatusView {
  const item = window.createStatusBarItem('tactful.status', StatusBarAlignment.Right, 100);
  item.name = 'Tactful';
  item.command = 'tactful.menu';
  let current: Status = { state: 'starting', message: 'starting' };
  const show = (status: Status): void => {
    current = status;
    draw(item, status);
  };
  show(current);
  item.show();
  return { get current() { return current; }, show, dispose: () => { item.dispose(); } };
}

function draw(item: StatusBarItem, status: Status): void {
  const word = WORDS[status.state];
  const share = status.percentage == null ? '' : ` ${status.percentage.toString()}%`;
  item.text = `${ICONS[status.state]} Tactful${word ? `: ${word}${share}` : ''}`;
  item.tooltip = new MarkdownString(`**Tactful**: ${status.message}${share}\n\nClick for the menu.`);
  item.accessibilityInformation = { label: `Tactful: ${word ?? status.state}${share}` };
  const troubled = status.state === 'stopped' || status.state === 'modelError';
  item.backgroundColor = troubled ? new ThemeColor('statusBarItem.warningBackground') : undefined;
}
