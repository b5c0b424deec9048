/** Which Python interpreters the user works with, the most wanted first. */

import * as vscode from 'vscode';
import { findProgram, interpreterIn, isExecutable } from './findServer';

/** The part of the Python extension's API that says which interpreter is selected. */
interface PythonApi {
    readonly environments: {
        getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
        onDidChangeActiveEnvironmentPath(listener: () => void): vscode.Disposable;
    };
}

const pythonExtension = 'ms-python.python';

/** Return the interpreters to ask for tracemend: none that a workspace brings along which is not trusted. */
export async function interpreters(): Promise<readonly string[]> {
    const found: string[] = [];
    if (vscode.workspace.isTrusted) {
        const api = await pythonApi();
        for (const folder of vscode.workspace.workspaceFolders ?? []) {
            found.push(...(await interpretersOf(folder.uri, api)));
        }
    }
    for (const name of ['python3', 'python']) {
        const program = await findProgram(process.env['PATH'] ?? '', name);
        found.push(...(program ? [program] : []));
    }
    return [...new Set(found)];
}

/** Hear when another interpreter is selected in the Python extension, if there is one. */
export async function onInterpreterChanged(listener: () => void): Promise<vscode.Disposable | undefined> {
    return (await pythonApi())?.environments.onDidChangeActiveEnvironmentPath(listener);
}

async function interpretersOf(folder: vscode.Uri, api: PythonApi | undefined): Promise<string[]> {
    const selected = api?.environments.getActiveEnvironmentPath(folder).path;
    const configured = vscode.workspace.getConfiguration('python', folder).get<string>('defaultInterpreterPath');
    const beside = ['.venv', 'venv'].map((name) => interpreterIn(vscode.Uri.joinPath(folder, name).fsPath));
    const candidates = [selected, configured, ...beside].filter((one) => one !== undefined);
    const there = await Promise.all(candidates.map(isExecutable));
    return candidates.filter((_, index) => there[index]);
}

async function pythonApi(): Promise<PythonApi | undefined> {
    return vscode.extensions.getExtension<PythonApi>(pythonExtension)?.activate();
}
