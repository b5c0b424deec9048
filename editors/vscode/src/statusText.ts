/** What the status bar says: a function of what is known, so that it can be tested without an editor. */

import type { FolderStatus, ServerStatus } from './protocol';
import type { ServerState } from './server';

export interface StatusText {
    /** With VS Code's icons, as in `$(check) 12 passed`. */
    readonly text: string;
    /** One line for each folder. */
    readonly tooltip: string;
    readonly severity: 'none' | 'warning' | 'error';
}

const withoutServer: Record<Exclude<ServerState, 'running'>, StatusText> = {
    stopped: { text: '$(circle-slash) tracemend', tooltip: 'The server is stopped.', severity: 'none' },
    starting: { text: '$(sync~spin) tracemend', tooltip: 'The server is starting.', severity: 'none' },
    missing: {
        text: '$(warning) tracemend: not installed',
        tooltip: 'No tracemend was found. Click to install it or to say where it is.',
        severity: 'warning',
    },
    failed: {
        text: '$(error) tracemend: no server',
        tooltip: 'The server does not run. Click for its output, or to start it again.',
        severity: 'error',
    },
};

/** Return what to show. Of several folders the numbers are added. */
export function statusText(state: ServerState, status: ServerStatus | undefined): StatusText {
    if (state !== 'running') {
        return withoutServer[state];
    }
    if (status === undefined || status.folders.length === 0) {
        return { text: '$(beaker) tracemend', tooltip: 'No project is open.', severity: 'none' };
    }
    const tooltip = status.folders.map((one) => `${one.name}: ${one.message}`).join('\n');
    if (status.folders.every((one) => !one.trusted)) {
        // The server calls it an error that nothing can be run; here it is what the user chose.
        return { text: '$(shield) tracemend: not trusted', tooltip, severity: 'none' };
    }
    return { text: textOf(status), tooltip, severity: status.health === 'ok' ? 'none' : status.health };
}

/** The most urgent thing comes first: what is broken, what runs, what fails, then that all is well. */
function textOf(status: ServerStatus): string {
    const folders = status.folders;
    const failed = sum(folders, (one) => one.failed);
    const running = sum(folders, (one) => one.running);
    if (status.health === 'error') {
        return '$(error) tracemend';
    }
    if (running > 0) {
        return `$(sync~spin) running ${running}`;
    }
    if (folders.some((one) => one.phase === 'starting')) {
        return '$(sync~spin) tracemend';
    }
    if (failed > 0) {
        return `$(error) ${failed} failing${repairText(folders)}`;
    }
    if (folders.every((one) => one.phase === 'paused')) {
        return '$(debug-pause) tracemend: paused';
    }
    const passed = sum(folders, (one) => one.passed);
    return passed > 0 ? `$(check) ${passed} passed` : '$(beaker) tracemend';
}

function repairText(folders: readonly FolderStatus[]): string {
    const repairable = sum(folders, (one) => one.repairable);
    const found = repairable > 0 ? ` $(lightbulb) ${repairable}` : '';
    return folders.some((one) => one.searching.length > 0) ? `${found} $(search) searching` : found;
}

function sum(folders: readonly FolderStatus[], count: (one: FolderStatus) => number): number {
    return folders.reduce((total, one) => total + count(one), 0);
}
