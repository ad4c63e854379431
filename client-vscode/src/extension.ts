// Tactful in VS Code: starts the language server, passes it the settings and shows its state. What to suggest, when, and
// what became of it is the server's business.

import { commands, type ExtensionContext, window } from 'vscode';
import { registerCommands } from './commands';
import { createEvidenceView } from './evidence';
import { showMenu } from './menu';
import { createServer, type Server } from './server';
import { createStatusView } from './status';

let server: Server | undefined;

/** Called by VS Code when the first file of a language that Tactful knows is opened. Waits for nothing. */
export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Tactful', { log: true });
  const status = createStatusView();
  const evidence = createEvidenceView();
  const parts = { log, evidence, onStatus: status.show };
  server = createServer(context, parts, status);
  context.subscriptions.push(
    log, status, evidence,
    commands.registerCommand('tactful.menu', () => showMenu(status)),
    ...registerCommands({ context, server, evidence, log }),
  );
  void server.restart();
}

/** Called by VS Code before it ends; the server ends too. */
export async function deactivate(): Promise<void> {
  await server?.stop();
}
