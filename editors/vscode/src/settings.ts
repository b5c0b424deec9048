/**
 * The settings that the user made, as the server wants them.
 *
 * VS Code mixes defaults into every answer. The server would take them for the user's will and prefer them to the
 * project's pyproject.toml; so only what somebody wrote down is sent.
 */

import * as vscode from 'vscode';

const section = 'tracemend';
/** Settings of this plug-in and of its language client, which the server does not know. */
const ownPrefixes = ['server.', 'trace.'];

/** Return the names of the server's settings, from the manifest's `contributes.configuration.properties`. */
export function serverSettings(manifest: { contributes: { configuration: { properties: object } } }): string[] {
    return Object.keys(manifest.contributes.configuration.properties)
        .map((name) => name.slice(section.length + 1))
        .filter((name) => !ownPrefixes.some((prefix) => name.startsWith(prefix)));
}

/** Return the values that are set for a folder by user, workspace or folder. */
export function writtenSettings(names: readonly string[], folder?: vscode.Uri): Record<string, unknown> {
    const configuration = vscode.workspace.getConfiguration(section, folder);
    const written = names.filter((name) => {
        const found = configuration.inspect(name);
        return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some((one) => one !== undefined);
    });
    return Object.fromEntries(written.map((name) => [name, configuration.get(name)]));
}

/** Return where the server stands, as the user says; empty where they say nothing. */
export function serverPath(): string {
    return vscode.workspace.getConfiguration(section).get<string>('server.path', '');
}
