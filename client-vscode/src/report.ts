// The report that `tactful report` writes, in a panel that may run no script and load nothing.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { ViewColumn, window } from 'vscode';
import type { Server } from './server';

const TIMEOUT_MS = 60_000;

export async function showReport(server: Server): Promise<void> {
  if (server.python === undefined) {
    void window.showWarningMessage('Tactful is not running.');
    return;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'tactful-'));
  try {
    const file = path.join(folder, 'report.html');
    const command = ['-I', '-m', 'tactful', 'report', '--html', file];
    await promisify(execFile)(server.python, command, { timeout: TIMEOUT_MS });
    const panel = window.createWebviewPanel('tactful.report', 'Tactful: report', ViewColumn.Active, {});
    panel.webview.html = await readFile(file, 'utf8');
  } catch (error) {
    const told = (error as { stderr?: string }).stderr?.trim();
    void window.showWarningMessage(`The report could not be made: ${told ?? String(error)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
