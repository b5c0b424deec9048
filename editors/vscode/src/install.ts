/**
 * Installing the server: offered once a session, never done unasked.
 *
 * pip runs as a task, where the user can watch it and read why it failed. The wheel that came with this plug-in is
 * preferred to the package index, because both are then of one version.
 */

import * as vscode from 'vscode';
import { interpreters } from './interpreters';
import type { Server } from './server';
import { unpackWheel } from './wheel';

const installLabel = 'Install';
const settingLabel = 'Say Where It Is';
const helpLabel = 'Help';

export class Installer {
    readonly #server: Server;
    readonly #context: vscode.ExtensionContext;
    #offered = false;

    constructor(server: Server, context: vscode.ExtensionContext) {
        this.#server = server;
        this.#context = context;
    }

    /** Offer to install a server that is missing. */
    async offer(): Promise<void> {
        if (this.#server.state !== 'missing' || this.#offered) {
            return;
        }
        this.#offered = true;
        const message =
            'tracemend needs its server, a Python package, and none was found in the selected interpreter ' +
            'or on the search path.';
        const chosen = await vscode.window.showWarningMessage(message, installLabel, settingLabel, helpLabel);
        if (chosen === installLabel) {
            await this.install();
        } else if (chosen === settingLabel) {
            await vscode.commands.executeCommand('workbench.action.openSettings', 'tracemend.server.path');
        } else if (chosen === helpLabel) {
            await openWalkthrough();
        }
    }

    /** Let the user choose an interpreter, install tracemend into it with pip, and start the server. */
    async install(): Promise<void> {
        const candidates = await interpreters();
        if (candidates.length === 0) {
            void vscode.window.showErrorMessage('No Python was found. tracemend needs Python 3.11 or newer.');
            return;
        }
        const python = await vscode.window.showQuickPick(candidates, {
            title: 'Install tracemend into which Python?',
            placeHolder: 'Python 3.11 or newer; best is the virtual environment of the project',
        });
        if (python === undefined) {
            return;
        }
        const code = await runTask([python, '-m', 'pip', 'install', await this.#package()]);
        if (code === 0) {
            await this.#server.restart();
        } else {
            void vscode.window.showErrorMessage('tracemend was not installed; the terminal says why.');
        }
    }

    /** Return what pip is to install: our own wheel, if this plug-in was packaged with one. */
    async #package(): Promise<string> {
        const wheels = this.#context.asAbsolutePath('wheels');
        return (await unpackWheel(wheels, this.#context.globalStorageUri.fsPath)) ?? 'tracemend';
    }
}

export async function openWalkthrough(): Promise<void> {
    await vscode.commands.executeCommand('workbench.action.openWalkthrough', 'tracemend.tracemend#start');
}

/** Run a program in a terminal and return its exit code, undefined where it was ended otherwise. */
function runTask([program, ...parameters]: string[]): Promise<number | undefined> {
    const task = new vscode.Task(
        { type: 'process' },
        vscode.TaskScope.Workspace,
        'install tracemend',
        'tracemend',
        new vscode.ProcessExecution(program!, parameters),
    );
    return new Promise((resolve, reject) => {
        const listener = vscode.tasks.onDidEndTaskProcess((event) => {
            if (event.execution.task.name === task.name) {
                listener.dispose();
                resolve(event.exitCode);
            }
        });
        vscode.tasks.executeTask(task).then(undefined, reject);
    });
}
