// The server's life: found, set up, started, restarted; what goes wrong is said once, with one button.

import { commands, type ExtensionContext, window, workspace } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { ClientParts } from './client';
import { ensureEnvironment, SetupError } from './environment';
import { findPython, onProjectPythonChange } from './python';
import { type StatusView } from './status';

export interface Server {
  /** Start the server, or start it anew; resolves when it is ready or the user has been told why it is not. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Run one of the server's commands. Waits for a server that is being started; undefined where there is none. */
  run(command: string, ...args: unknown[]): Promise<unknown>;
  /** The Python of Tactful's environment, once there is one. */
  readonly python: string | undefined;
}

export function createServer(context: ExtensionContext, parts: ClientParts, status: StatusView): Server {
  let client: LanguageClient | undefined;
  let python: string | undefined;
  let starting: Promise<void> = Promise.resolve();

  const start = async (): Promise<void> => {
    status.show({ state: 'starting', message: 'starting' });
    const found = await findPython();
    if (typeof found === 'string') {
      throw new SetupError(found);
    }
    parts.log.info(`Python ${found.version} at ${found.path}`);
    python = await ensureEnvironment(context, found);
    const { createClient, State } = await import('./client'); // the client's library is not loaded at activation
    const created = await createClient(python, parts);
    client = created;
    created.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped) {
        status.show({ state: 'stopped', message: 'the server has ended' });
      } else if (newState === State.Starting) {
        status.show({ state: 'starting', message: 'starting' });
      }
    });
    await created.start();
  };

  const stop = async (): Promise<void> => {
    const old = client;
    client = undefined;
    await old?.dispose();
  };

  const restart = (): Promise<void> => {
    starting = starting.then(stop).then(start).catch((error: unknown) => {
      complain(error, parts, status);
    });
    return starting;
  };

  const run = async (command: string, ...args: unknown[]): Promise<unknown> => {
    await starting;
    if (!client?.isRunning()) {
      void window.showWarningMessage('Tactful is not running.', 'Show Log').then(showLogIfChosen);
      return undefined;
    }
    return commands.executeCommand(command, ...args);
  };

  const settingsChanged = (): void => {
    if (client?.isRunning()) {
      void client.sendNotification('workspace/didChangeConfiguration', { settings: null });
    }
  };
  context.subscriptions.push(
    workspace.onDidGrantWorkspaceTrust(settingsChanged),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('tactful.python')) {
        void restart();
      }
    }),
  );
  void onProjectPythonChange(settingsChanged).then((listener) => {
    if (listener) {
      context.subscriptions.push(listener);
    }
  });
  return { restart, stop, run, get python() { return python; } };
}

function complain(error: unknown, parts: ClientParts, status: StatusView): void {
  const message = error instanceof Error ? error.message : String(error);
  parts.log.error(error instanceof Error ? error : message);
  status.show({ state: 'stopped', message });
  if (error instanceof SetupError && error.cause === undefined) {
    void window.showErrorMessage(message, 'Choose Python').then((chosen) =>
      chosen && commands.executeCommand('tactful.choosePython'));
  } else {
    void window.showErrorMessage(message, 'Show Log').then(showLogIfChosen);
  }
}

function showLogIfChosen(chosen: string | undefined): Thenable<unknown> | undefined {
  return chosen ? commands.executeCommand('tactful.showLog') : undefined;
}
