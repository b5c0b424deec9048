/**
 * The messages of tracemend's own, as docs/language-server.md describes them.
 *
 * Everything else between this plug-in and the server is plain LSP and is the language client's business.
 */

import { NotificationType, RequestType, RequestType0 } from 'vscode-languageclient/node';

/** What is known of one workspace folder. */
export interface FolderStatus {
    readonly uri: string;
    readonly name: string;
    readonly trusted: boolean;
    readonly phase: 'starting' | 'idle' | 'running' | 'paused' | 'stopped' | 'failed';
    readonly health: Health;
    readonly message: string;
    readonly passed: number;
    readonly failed: number;
    readonly stale: number;
    readonly running: number;
    readonly repairable: number;
    readonly searching: readonly string[];
}

export type Health = 'ok' | 'warning' | 'error';

/** One line about the server, and the numbers behind it. */
export interface ServerStatus {
    readonly health: Health;
    readonly quiescent: boolean;
    readonly message: string;
    readonly folders: readonly FolderStatus[];
}

/** What commands are about: some tests of one project; none stand for all. */
export interface Target {
    readonly root: string;
    readonly tests: readonly string[];
}

export type Verdict = 'passed' | 'failed' | 'skipped' | 'running' | 'stale' | 'unknown';

/** One test; `id` is pytest's node id, lines count from 0. */
export interface KnownTest {
    readonly id: string;
    readonly line: number | null;
    readonly verdict: Verdict;
    readonly run?: number;
    readonly seconds?: number;
    readonly failure?: { readonly message: string; readonly uri?: string; readonly line?: number };
}

/** The tests of one project; `root` is a path, and the ids are relative to it. */
export interface TestsOfFolder {
    readonly uri: string;
    readonly root: string;
    readonly name: string;
    readonly tests: readonly KnownTest[];
}

/** One proven patch; `data` is what `codeAction/resolve` makes the edit from. */
export interface Repair {
    readonly title: string;
    readonly confidence: string;
    readonly proof: string;
    readonly diff: string;
    readonly evidence: string;
    readonly data: { readonly root: string; readonly test: string; readonly patch: string };
}

/** The proven patches of one failing test, the best first. */
export interface Repairs {
    readonly test: string;
    readonly phase: 'waiting' | 'searching' | 'found' | 'none';
    readonly reason: string;
    readonly repairs: readonly Repair[];
}

export const statusNotification = new NotificationType<ServerStatus>('tracemend/status');
export const trustNotification = new NotificationType<{ trusted: boolean }>('tracemend/didChangeTrust');
export const testsRequest = new RequestType0<readonly TestsOfFolder[], void>('tracemend/tests');
export const repairsRequest = new RequestType<Target, Repairs, void>('tracemend/repairs');
