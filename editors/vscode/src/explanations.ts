/** *Explain failure*: the server's Markdown page, shown rendered. */

import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

const scheme = 'tracemend';
const contentMethod = 'workspace/textDocumentContent';

/** Show the page that the server asks to show, if it is one of its explanations; say whether it was. */
export async function showsExplanation(client: LanguageClient, uri: string): Promise<boolean> {
    const page = vscode.Uri.parse(uri);
    if (page.scheme !== scheme) {
        return false;
    }
    announceChange(client, page);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', page);
    return true;
}

/** Have VS Code ask for the text again, for it keeps the one that an earlier failure had. */
function announceChange(client: LanguageClient, page: vscode.Uri): void {
    for (const provider of client.getFeature(contentMethod)?.getProviders() ?? []) {
        if (provider.scheme === page.scheme) {
            provider.onDidChangeEmitter.fire(page);
        }
    }
}
