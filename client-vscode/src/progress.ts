// Progress that the server reports of a verification: a notification with a button that cancels it.

import { type CancellationToken, type Progress, ProgressLocation, window } from 'vscode';
import type { LanguageClient, ProgressToken } from 'vscode-languageclient/node';
import type { WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport } from 'vscode-languageclient/node';

type Part = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

interface Running {
  advance(part: WorkDoneProgressReport): void;
  end(): void;
}

/** Return what shows the parts of each progress, by its token. */
export function createProgressView(client: () => LanguageClient | undefined): (token: ProgressToken, part: Part) => void {
  const running = new Map<ProgressToken, Running>();
  return (token, part) => {
    if (part.kind === 'begin') {
      running.set(token, begin(part, () => {
        void client()?.sendNotification('window/workDoneProgress/cancel', { token });
      }));
    } else if (part.kind === 'report') {
      running.get(token)?.advance(part);
    } else {
      running.get(token)?.end();
      running.delete(token);
    }
  };
}

function begin(part: WorkDoneProgressBegin, cancel: () => void): Running {
  let report: Progress<{ message?: string; increment?: number }> | undefined;
  let percentage = part.percentage ?? 0;
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => { end = resolve; });
  const show = (progress: typeof report, token: CancellationToken): Promise<void> => {
    report = progress;
    token.onCancellationRequested(cancel);
    return over;
  };
  const options = { location: ProgressLocation.Notification, title: part.title, cancellable: part.cancellable ?? false };
  void window.withProgress(options, show);
  return {
    advance: (next) => {
      const increment = Math.max(0, (next.percentage ?? percentage) - percentage);
      percentage += increment;
      report?.report({ increment, ...(next.message === undefined ? {} : { message: next.message }) });
    },
    end: () => { end(); },
  };
}
