/**
 * Whether names are completed here: not where another extension does so already, unless the user wrote that they want it.
 *
 * Two lists of the same names, one behind the other, help nobody. What a model writes is not concerned: nobody else checks
 * that against the project.
 */

import * as vscode from 'vscode';

const setting = 'completionNames';
/** Language servers that know Python's types, by the extension that brings them. */
const others = ['ms-python.vscode-pylance', 'detachhead.basedpyright', 'ms-pyright.pyright', 'astral-sh.ty'];

/** Say whether the server is to be asked for names in a document. */
export function completesNames(document: vscode.Uri): boolean {
    const found = vscode.workspace.getConfiguration('tracemend', document).inspect<boolean>(setting);
    const written = found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
    return written ?? !others.some((one) => vscode.extensions.getExtension(one) !== undefined);
}
