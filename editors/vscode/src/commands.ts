/** The commands of the palette and of the status bar's menu. The server's own go by the names that the server gave them. */

import * as vscode from 'vscode';
import { type Installer, openWalkthrough } from './install';
import type { Target } from './protocol';
import type { RepairPreview } from './repairPreview';
import type { Server } from './server';
import type { TestExplorer } from './testExplorer';

export interface Parts {
    readonly server: Server;
    readonly explorer: TestExplorer;
    readonly preview: RepairPreview;
    readonly installer: Installer;
    readonly output: vscode.OutputChannel;
}

const hintLevels = [
    { level: 'where', label: 'Where', detail: 'The function to look at.' },
    { level: 'what', label: 'What', detail: 'The line and the value that first goes wrong.' },
    { level: 'how', label: 'How', detail: 'What the proven repair does, in words.' },
];

/** Register every command that `package.json` contributes. */
export function registerCommands(parts: Parts): vscode.Disposable {
    const { server, preview, installer, output } = parts;
    const handlers: Record<string, () => unknown> = {
        showMenu: () => showMenu(server),
        runTestAtCursor: () => server.execute('tracemend.run', cursor()),
        runTestsInFile: () => server.execute('tracemend.run', file()),
        runAllTests: () => server.execute('tracemend.runAll'),
        stopTests: () => server.execute('tracemend.stopRun'),
        previewRepairs: () => withFailingTest(parts, (target) => preview.show(target)),
        explainFailure: () => withFailingTest(parts, (target) => server.execute('tracemend.explain', target)),
        traceFailure: () => withFailingTest(parts, (target) => server.execute('tracemend.trace', target)),
        giveHint: () => withFailingTest(parts, (target) => giveHint(server, target)),
        goToFailure: () => withFailingTest(parts, (target) => goToFailure(parts.explorer, target)),
        pauseRuns: () => server.execute('tracemend.pause'),
        resumeRuns: () => server.execute('tracemend.resume'),
        restartTestRunner: () => server.execute('tracemend.restartRunner'),
        restartServer: () => server.restart(),
        installServer: () => installer.install(),
        showOutput: () => output.show(),
        openWalkthrough: () => openWalkthrough(),
        applyRepair: () => preview.apply(),
        nextRepair: () => preview.showNext(),
        discardRepair: () => preview.discard(),
    };
    const registered = Object.entries(handlers).map(([name, handler]) =>
        vscode.commands.registerCommand(`tracemend.${name}`, () => told(handler)),
    );
    return vscode.Disposable.from(...registered);
}

/** Carry out a command; what goes wrong is a sentence for the user, as the server's errors are. */
async function told(handler: () => unknown): Promise<unknown> {
    try {
        return await handler();
    } catch (error) {
        void vscode.window.showWarningMessage(error instanceof Error ? error.message : String(error));
        return undefined;
    }
}

/** Offer what makes sense in the state of the moment. */
async function showMenu(server: Server): Promise<void> {
    const isRunning = server.state === 'running';
    const folders = server.status?.folders ?? [];
    const failed = folders.reduce((sum, one) => sum + one.failed, 0);
    const entries: [boolean, string, string][] = [
        [failed > 0, '$(lightbulb) Preview Repairs...', 'previewRepairs'],
        [failed > 0, '$(error) Go to Failing Test...', 'goToFailure'],
        [failed > 0, '$(question) Explain Failing Test...', 'explainFailure'],
        [isRunning, '$(run-all) Run All Tests', 'runAllTests'],
        [folders.some((one) => one.running > 0), '$(debug-stop) Stop Running Tests', 'stopTests'],
        [folders.some((one) => one.phase === 'paused'), '$(debug-continue) Resume Runs and Searches', 'resumeRuns'],
        [folders.some((one) => one.phase !== 'paused'), '$(debug-pause) Pause Runs and Searches', 'pauseRuns'],
        [server.state === 'missing', '$(cloud-download) Install the Server...', 'installServer'],
        [true, '$(refresh) Restart the Server', 'restartServer'],
        [true, '$(output) Show Output', 'showOutput'],
        [true, '$(book) Get Started', 'openWalkthrough'],
    ];
    const items = entries.filter(([fits]) => fits).map(([, label, command]) => ({ label, command }));
    const title = server.status?.message ? `tracemend: ${server.status.message}` : 'tracemend';
    const chosen = await vscode.window.showQuickPick(items, { title });
    if (chosen !== undefined) {
        await vscode.commands.executeCommand(`tracemend.${chosen.command}`);
    }
}

/** Do something with a failing test: the only one, else the one at the cursor, else the one that the user picks. */
async function withFailingTest(parts: Parts, action: (target: Target) => unknown): Promise<unknown> {
    const failing = parts.explorer.failing();
    if (failing.length === 0) {
        void vscode.window.showInformationMessage('No test is known to fail.');
        return undefined;
    }
    const around = failing.length === 1 ? failing : parts.explorer.failingAt(vscode.window.activeTextEditor);
    const items = (around.length === 1 ? around : failing).map((one) => ({
        label: one.tests[0]!,
        description: failing.some((other) => other.root !== one.root) ? one.root : '',
        target: one,
    }));
    const chosen = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: 'Failing tests' });
    return chosen === undefined ? undefined : action(chosen.target);
}

async function giveHint(server: Server, target: Target): Promise<void> {
    const chosen = await vscode.window.showQuickPick(hintLevels, { title: 'How much should the hint tell?' });
    if (chosen !== undefined) {
        await server.execute('tracemend.hint', { ...target, level: chosen.level });
    }
}

async function goToFailure(explorer: TestExplorer, target: Target): Promise<void> {
    const place = explorer.placeOfFailure(target);
    if (place !== undefined) {
        await vscode.window.showTextDocument(place.uri, { selection: place.range });
    }
}

/** Return the file that is being edited. Throws a sentence where there is none. */
function file(): { uri: string } {
    return { uri: editor().document.uri.toString() };
}

function cursor(): { uri: string; line: number } {
    return { ...file(), line: editor().selection.active.line };
}

function editor(): vscode.TextEditor {
    const active = vscode.window.activeTextEditor;
    if (active === undefined) {
        throw new Error('Open a file with tests first.');
    }
    return active;
}
