/**
 * The plug-in: makes its parts, connects them, and starts the server without waiting for it.
 *
 * Read `server.ts` first, then any of the views: `statusBar.ts`, `testExplorer.ts`, `repairPreview.ts`,
 * `explanations.ts`. Squiggles, code actions, lenses, hints and hovers come from the server by way of the language client.
 */

import * as vscode from 'vscode';
import { registerCommands } from './commands';
import { Installer } from './install';
import { onInterpreterChanged } from './interpreters';
import { RepairPreview } from './repairPreview';
import { Server, type ServerState } from './server';
import { serverPath, serverSettings } from './settings';
import { showStatus } from './statusBar';
import { TestExplorer } from './testExplorer';
import { VirtualFiles } from './virtualFiles';

/** What other extensions, and our tests, get. */
export interface Api {
    readonly server: Server;
    readonly explorer: TestExplorer;
    readonly ready: Ready;
}

/** How activating went: the time from the first line of `activate` to a UI that answers, and the server at that moment. */
export interface Ready {
    readonly after_ms: number;
    readonly server: ServerState;
}

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): Api {
    const start = performance.now();
    const output = vscode.window.createOutputChannel('tracemend', { log: true });
    const files = new VirtualFiles();
    const running = (server = new Server(output, files, serverSettings(context.extension.packageJSON)));
    const explorer = new TestExplorer(running);
    const preview = new RepairPreview(running, files);
    const installer = new Installer(running, context);
    running.overrides.set('tracemend.repair', (target) => preview.show(target));
    context.subscriptions.push(
        output,
        files,
        explorer,
        showStatus(running),
        registerCommands({ server: running, explorer, preview, installer, output }),
        running.onDidChange(() => installer.offer()),
        vscode.workspace.onDidGrantWorkspaceTrust(() => trusted(running)),
        restartOnNewPath(running),
    );
    void watchInterpreter(context, running);
    void running.restart();
    const ready = { after_ms: Math.round(performance.now() - start), server: running.state };
    output.info(`Ready after ${ready.after_ms} ms; the server is ${ready.server}.`);
    return { server: running, explorer, ready };
}

export async function deactivate(): Promise<void> {
    await server?.dispose();
}

/**
 * Start the server anew when the setting names another one. Granting trust fires the event too, without a change; and
 * the language client passes the change on to the server that runs, which therefore must not be stopping yet.
 */
function restartOnNewPath(running: Server): vscode.Disposable {
    let path = serverPath();
    return vscode.workspace.onDidChangeConfiguration(() => {
        if (serverPath() !== path) {
            path = serverPath();
            setImmediate(() => running.restart());
        }
    });
}

/** Pass the trust on; where no server was found, the interpreters of the workspace may be asked from now on. */
async function trusted(running: Server): Promise<void> {
    await (running.state === 'missing' ? running.restart() : running.trust());
}

/** Look for the server again when another interpreter is selected, for it may be the one that has tracemend. */
async function watchInterpreter(context: vscode.ExtensionContext, running: Server): Promise<void> {
    const listener = await onInterpreterChanged(() => {
        if (running.state === 'missing') {
            void running.restart();
        }
    });
    context.subscriptions.push(...(listener ? [listener] : []));
}
