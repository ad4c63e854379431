// The evidence of the last verification, as the server wrote it, in a read-only document beside the code.

import { EventEmitter, languages, Uri, ViewColumn, window, workspace } from 'vscode';

const SCHEME = 'tactful-evidence';
const PLACE = Uri.from({ scheme: SCHEME, path: 'Tactful: evidence.md' });

/** What `tactful.verify` answers; only what is used here. */
export interface VerifyAnswer {
  readonly status: string;
  readonly page?: string;
}

export interface EvidenceView {
  /** Keep the evidence of an answer; open it beside the code where a test failed. */
  take(answer: VerifyAnswer): Promise<void>;
  open(): Promise<void>;
  dispose(): void;
}

/** Return the view of the evidence, empty until the first verification. */
export function createEvidenceView(): EvidenceView {
  const changed = new EventEmitter<Uri>();
  let page = 'Nothing has been verified yet.\n';
  const provider = workspace.registerTextDocumentContentProvider(SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: () => page,
  });
  const open = async (): Promise<void> => {
    const document = await workspace.openTextDocument(PLACE);
    await languages.setTextDocumentLanguage(document, 'markdown');
    await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: true });
  };
  const take = async (answer: VerifyAnswer): Promise<void> => {
    if (answer.page === undefined) {
      return; // nothing was run
    }
    page = answer.page;
    changed.fire(PLACE);
    if (answer.status === 'failed' || answer.status === 'fixed') {
      await open();
    }
  };
  return { take, open, dispose: () => { provider.dispose(); changed.dispose(); } };
}
