// The language client: how the server is started, what it is told, and what is done with its answers.

import type { LogOutputChannel } from 'vscode';
import { type ClientCapabilities, LanguageClient, type LanguageClientOptions } from 'vscode-languageclient/node';
import type { EvidenceView, VerifyAnswer } from './evidence';
import { LANGUAGES } from './languages';
import { createProgressView } from './progress';
import { serverSettings } from './settings';
import type { Status } from './status';

export { State } from 'vscode-languageclient/node';

const VERIFY = new Set(['tactful.verify', 'tactful.verifyAndFix']);
const MOST_RESTARTS = 4; // within three minutes

export interface ClientParts {
  readonly log: LogOutputChannel;
  readonly evidence: EvidenceView;
  onStatus(status: Status): void;
}

/** Return a client, not yet started, of a server that runs under the Python of Tactful's environment. */
export async function createClient(python: string, parts: ClientParts): Promise<LanguageClient> {
  const server = { command: python, args: ['-I', '-m', 'tactful', 'serve'] };
  const client: LanguageClient = new LanguageClient('tactful', 'Tactful', server, await options(() => client, parts));
  client.registerFeature({
    fillClientCapabilities: (capabilities: ClientCapabilities) => {
      capabilities.experimental = { ...(capabilities.experimental as object | undefined), tactfulStatus: true };
    },
    initialize: () => undefined,
    getState: () => ({ kind: 'static' }),
    clear: () => undefined,
  });
  client.onNotification('tactful/status', (status: Status) => { parts.onStatus(status); });
  return client;
}

async function options(client: () => LanguageClient, parts: ClientParts): Promise<LanguageClientOptions> {
  const showProgress = createProgressView(client);
  return {
    documentSelector: LANGUAGES.flatMap((language) => [
      { scheme: 'file', language },
      { scheme: 'untitled', language },
    ]),
    outputChannel: parts.log,
    initializationOptions: await serverSettings(),
    connectionOptions: { maxRestartCount: MOST_RESTARTS },
    middleware: {
      workspace: {
        configuration: (params) => Promise.all(params.items.map(() => serverSettings())),
      },
      executeCommand: async (command, args, next) => {
        const answer: unknown = await next(command, args);
        if (VERIFY.has(command) && answer) {
          await parts.evidence.take(answer as VerifyAnswer);
        }
        return answer;
      },
      handleWorkDoneProgress: (token, part) => { showProgress(token, part); },
    },
  };
}
